"""Kumo under `python -m kumo up`, as in normal use, while its processes are killed: only `up` restarts them."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import requests

from kumo import services as composition
from kumo import settings
from kumo.services import Services
from kumo.store import embedded
from tests.chaos.journal import KILL, Journal
from tests.stack import answers, eventually, free_port

START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 120.0
# The targets of kills, with their relative frequencies and a part of their command lines.
TARGETS: Final[Mapping[str, tuple[int, str]]] = {
    "judge": (4, "worker judge"),
    "notify": (2, "tests.chaos.notifier"),
    "import": (1, "worker import"),
    "web": (3, "gunicorn"),
    "web worker": (4, "gunicorn"),
    "redis": (4, "valkey-server"),
}


class ThroughUp:
    """`up` on a folder, and a thread that kills its children at random; `faults` are what should not happen."""

    points: frozenset[str] = frozenset()
    # Its clock is everybody's: a lease lasts 45 s, an alert that was refused may wait five minutes.
    quiet_seconds = 600.0

    def __init__(self, folder: Path, journal: Journal, environ: Mapping[str, str], seed: int, pause: float) -> None:
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        self.targets: Sequence[str] = list(TARGETS)
        self.faults: list[str] = []
        self._data_dir = folder / "var"
        self._log = folder / "up.log"
        own = {"PORT": port, "KUMO_DATA_DIR": str(self._data_dir), "CHAOS_JOURNAL": str(journal.path)}
        self._environ = dict(environ) | own
        self._journal = journal
        self._rng = random.Random(f"{seed} through up")
        self._pause = pause
        self._stopping = threading.Event()
        self._killer = threading.Thread(target=self._kill_on, name="killer", daemon=True)
        self._up: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Start `up` and wait until it is ready."""
        clean = {name: text for name, text in os.environ.items() if not name.startswith(("KUMO_", "REDIS", "SLACK"))}
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "tests.chaos.up"]
            self._up = subprocess.Popen(command, env=clean | self._environ, stdout=log, stderr=log)
        eventually(self._is_ready, START_SECONDS)

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def start(self) -> None:
        """Begin to kill."""
        self._killer.start()

    def stop(self) -> None:
        """Press Ctrl-C, and see that nothing is left."""
        self._stopping.set()
        if self._killer.is_alive():
            self._killer.join()
        if self._up is None:
            return
        self._up.send_signal(signal.SIGINT)
        code = self._up.wait(STOP_SECONDS)
        if code != 128 + signal.SIGINT:
            self.faults.append(f"up ended with exit code {code}; {self._log} says why")
        if embedded.is_there(self._data_dir):
            self.faults.append("the embedded server is left running")

    def services(self) -> Services:
        chosen = settings.load(dict(self._environ) | {"REDIS_URL": embedded.url(self._data_dir)})
        return composition.build(chosen)

    def _kill_on(self) -> None:
        while not self._stopping.wait(self._rng.expovariate(1 / self._pause)):
            if not self._journal.is_calm():
                weights = [TARGETS[name][0] for name in self.targets]
                self._kill(self._rng.choices(self.targets, weights)[0])

    def _kill(self, target: str) -> None:
        """Kill one process of a kind; none if it is being restarted."""
        assert self._up is not None
        role, _, part = target.partition(" ")
        if role == "web" and not answers(self.url):  # one that never comes up shows nothing
            return
        found = children(self._up.pid, TARGETS[target][1])
        if part:
            found = [worker for pid in found for worker in children(pid)]
        if found:
            victim = self._rng.choice(found)
            self._journal.write(KILL, role, f"random {part}".strip(), victim)
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)


def children(parent: int, words: str = "") -> list[int]:
    """Return the processes that one has started and that have these words on their command line."""
    command = ["ps", "-o", "pid=,stat=,args=", "--ppid", str(parent)]
    rows = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [int(row.split()[0]) for row in rows if words in row and not row.split()[1].startswith("Z")]
