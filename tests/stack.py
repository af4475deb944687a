"""The real thing for tests: Kumo's processes and a fake Slack, on the test's own server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Final, TypeVar

import requests

from tests.fakes.slack import FakeSlack

PATIENCE: Final = 30.0
COMMANDS: Final = {
    "web": ["gunicorn", "-c", "python:kumo.serving", "wsgi:app"],
    "judge": ["worker", "judge"],
    "notify": ["worker", "notify"],
    "import": ["worker", "import"],
}
Found = TypeVar("Found")


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(look: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """Poll until there is a result; fail if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


@contextmanager
def process(name: str, environ: Mapping[str, str], log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of Kumo's processes; ask it to stop at the end, and fail if it does not."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KUMO_", "REDIS", "SLACK"))}
    with log.open("w") if log else nullcontext() as stderr:
        running = subprocess.Popen([sys.executable, "-m", *COMMANDS[name]], env=clean | dict(environ), stderr=stderr)
        try:
            yield running
        finally:
            running.terminate()
            assert running.wait(25) is not None


class Stack:
    """Kumo at `url`, and its Slack."""

    def __init__(self, url: str, slack: FakeSlack) -> None:
        self.url = url
        self.slack = slack

    def post(self, entry: object, path: str = "/ingest/", **headers: str) -> requests.Response:
        return requests.post(self.url + path, json=entry, headers=headers, timeout=15)

    def get(self, path: str, **query: str | int) -> requests.Response:
        return requests.get(self.url + path, params=query, timeout=15)


@contextmanager
def stack(redis_url: str, *names: str, **environ: str) -> Iterator[Stack]:
    """Run the named processes (all by default) and wait until the web process is ready."""
    with FakeSlack() as slack, ExitStack() as running:
        port = str(free_port())
        own = {"REDIS_URL": redis_url, "SLACK_WEBHOOK_URL": slack.url, "PORT": port, "WEB_CONCURRENCY": "1"}
        for name in names or COMMANDS:
            running.enter_context(process(name, own | environ))
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: answers(url))
        yield Stack(url, slack)


def answers(url: str) -> bool:
    """Return whether the web process answers."""
    try:
        return requests.get(f"{url}/healthz", timeout=2).ok
    except requests.RequestException:  # not there yet, or too busy with starting
        return False
