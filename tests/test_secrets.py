"""No secret in logs, answers, jobs, `repr`, the document or the figures: passwords, the webhook, API keys."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import requests
from redis import Redis

from kumo import services as composition
from kumo import settings
from kumo.engine.ops import access
from tests.fakes.slack import FakeSlack, refusal
from tests.servers import server
from tests.stack import COMMANDS, answers, eventually, free_port

PASSWORD = "pAssw0rd-of-redis"


def start(name: str, environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KUMO_", "REDIS", "SLACK"))}
    with log.open("ab") as output:
        command = [sys.executable, "-m", *COMMANDS[name]]
        return subprocess.Popen(command, env=clean | environ, stdout=output, stderr=subprocess.STDOUT)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(25)


def test_no_secret_shows_wherever_one_looks(tmp_path: Path) -> None:
    port, web = free_port(), free_port()
    url = f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
    log, seen = tmp_path / "log", []
    with FakeSlack() as slack, ExitStack() as running:
        slack.answer(refusal("no_service"))
        environ = {"REDIS_URL": url, "SLACK_WEBHOOK_URL": slack.url, "PORT": str(web), "KUMO_LOG_LEVEL": "DEBUG"}
        built = composition.build(settings.load(environ))
        redis = server(tmp_path, port, requirepass=PASSWORD, url=url)
        redis.__enter__()
        token = access.issue(built, "ci", ["admin"])
        for name in COMMANDS:
            running.callback(stop, start(name, environ, log))
        base, headers = f"http://127.0.0.1:{web}", {"Authorization": f"Bearer {token}"}
        eventually(lambda: answers(base))
        requests.post(f"{base}/alerts/test", headers=headers, timeout=10)
        eventually(lambda: "no_service" in requests.get(f"{base}/alerts/", headers=headers, timeout=10).text)
        paths = ("/alerts/", "/openapi.json", "/metrics", "/readyz", "/costs/x", "/nowhere", "/costs/?limit=x")
        seen += [requests.get(base + path, headers=headers, timeout=10).text for path in paths]
        with Redis.from_url(url) as client:
            seen += [repr(client.hgetall(key)) for key in client.scan_iter("rq:job:*")]
            seen += [repr(client.hgetall(key)) for key in client.scan_iter("kumo:*", _type="hash")]
        redis.__exit__(None, None, None)
        seen.append(requests.get(f"{base}/costs/", headers=headers, timeout=10).text)  # its failures are logged too
    seen += [repr(built.settings), repr(built.channels), repr(built), log.read_text()]
    secrets = {PASSWORD, slack.url.rsplit("/", 1)[1], token.split("_")[2]}
    assert "no_service" in log.read_text()
    assert {secret for secret in secrets for text in seen if secret in text} == set()
