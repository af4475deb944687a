"""Kumo for the demo: everything that `kumo up` runs, with the default settings, in an empty folder of its own."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

import requests

from kumo.settings import TABLE, Settings, environment

START_SECONDS: Final = 30
# Settings that say where Kumo is reached and where alerts go. All others have their defaults in the demo.
KEPT: Final = frozenset(
    {
        *("KUMO_HOST", "PORT", "WEB_CONCURRENCY", "KUMO_PUBLIC_URL", "KUMO_ALLOWED_HOSTS", "KUMO_AUTH"),
        *("SLACK_WEBHOOK_URL", "KUMO_SLACK_HOSTS", "KUMO_LOG_LEVEL"),
    }
)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Kumo at `url`; `messages` are those for Slack, None if they go to a webhook that was set."""

    url: str
    messages: "Queue[str] | None"
    process: subprocess.Popen[bytes]

    def take_messages(self) -> list[str]:
        """Return the texts of the messages since the last call."""
        taken: list[str] = []
        while self.messages is not None:
            try:
                taken.append(self.messages.get_nowait())
            except Empty:
                break
        return taken


@contextmanager
def open_sandbox(settings: Settings) -> Iterator[Sandbox]:
    """Run everything during the block; the data is removed afterwards."""
    url = f"http://{settings.host}:{settings.port}"
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="demo-", dir=settings.data_dir) as folder,
        _catch_messages(settings) as (webhook, messages),
        _run(url, Path(folder), webhook) as process,
    ):
        yield Sandbox(url, messages, process)


@contextmanager
def _run(url: str, folder: Path, webhook: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `kumo up`. Its output goes to a file, so that the demo stays readable."""
    log = folder / "demo.log"
    # Empty, not left out: it must also win over a line of `.env`.
    defaults = {row.name: "" for row in TABLE if row.name not in KEPT}
    environ = environment() | defaults | {"SLACK_WEBHOOK_URL": webhook, "KUMO_DATA_DIR": str(folder)}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "kumo", "up"]
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(url, process, log)
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/readyz", timeout=2).ok:
                return
        except requests.RequestException:  # not started yet, or too busy with starting
            pass
        time.sleep(0.1)
    sys.exit(f"Kumo did not start. It says:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def _catch_messages(settings: Settings) -> Iterator[tuple[str, "Queue[str] | None"]]:
    """Yield the webhook for alerts: the one that is set, or our own, whose messages can be shown."""
    if settings.slack_webhook_url:
        yield settings.slack_webhook_url, None
        return
    messages: Queue[str] = Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            messages.put(payload["text"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/DEMO", messages
    finally:
        server.shutdown()
        server.server_close()
