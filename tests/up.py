"""`python -m kumo up` for tests: everything on its own data folder, and a fake Slack."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from redis import Redis

from kumo.store import embedded
from tests.fakes.slack import FakeSlack
from tests.stack import Stack, eventually, free_port


class Up(Stack):
    """The processes of `up`, with their ids."""

    def __init__(self, url: str, slack: FakeSlack, data_dir: Path, running: "subprocess.Popen[bytes]") -> None:
        super().__init__(url, slack)
        self.data_dir = data_dir
        self.running = running

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def pids(self, *words: str) -> list[int]:
        """Return the processes that `up` started with these words in a row on their command line."""
        command = ["ps", "-o", "pid=,args=", "--ppid", str(self.running.pid)]
        rows = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
        return [int(row.split()[0]) for row in rows if " ".join(words) in row]

    def server_pid(self) -> int:
        with Redis.from_url(embedded.url(self.data_dir)) as client:
            return int(client.info("server")["process_id"])


@contextmanager
def up(folder: Path, slack: FakeSlack, **environ: str) -> Iterator[Up]:
    """Run `up`, whose output goes to the file `up.log` in the folder, and stop it with Ctrl-C in the end."""
    port, data_dir = str(free_port()), folder / "var"
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("KUMO_", "REDIS", "SLACK"))}
    own = {"PORT": port, "KUMO_DATA_DIR": str(data_dir), "SLACK_WEBHOOK_URL": slack.url, "WEB_CONCURRENCY": "1"}
    with (folder / "up.log").open("wb") as log:
        command = [sys.executable, "-m", "kumo", "up"]
        running = subprocess.Popen(command, env=clean | own | environ, stdout=log, stderr=log, start_new_session=True)
    found = Up(f"http://127.0.0.1:{port}", slack, data_dir, running)
    try:
        eventually(found.is_ready, 90)
        yield found
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(60) in {130, 1}
        assert not embedded.is_there(data_dir)
