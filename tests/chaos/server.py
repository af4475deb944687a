"""A Redis to be killed: the embedded server's program with its settings, on a folder that survives it.

Acknowledged writes survive a kill only with `appendfsync always`. With `everysec` a server mostly answers after it
has given its writes to the kernel, which a kill cannot undo; but while an earlier fsync still runs, it
answers first, for up to two seconds (`flushAppendOnlyFile` in its aof.c). On a busy disk an attack shows this.
"""

import subprocess
import time
from pathlib import Path
from typing import Final

import redis

from kumo.store import embedded

START_SECONDS: Final = 60.0


class Server:
    """One server on one folder; `kill` and `start` as often as wanted."""

    def __init__(self, folder: Path, appendfsync: str) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        self._command = [*embedded._command(folder, self.socket), "--appendfsync", appendfsync]
        self._log = folder / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it has read its data."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=5) as client:
            while not _answers(client):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"The server does not start; {self._log} says why.")
                time.sleep(0.02)

    def kill(self) -> None:
        """Kill it without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
