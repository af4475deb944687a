"""Kumo during an attack, with its attacker: its processes one by one here, all under `up` in `through_up`."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from kumo import services as composition
from kumo import settings
from kumo.services import Services
from tests.chaos import process
from tests.chaos.failpoints import NEEDED
from tests.chaos.journal import Journal
from tests.chaos.server import Server
from tests.chaos.supervisor import Supervisor
from tests.stack import free_port

QUIET_SECONDS: Final = 180.0
# Each anomaly is worth an alert, however old and small it is.
SETTINGS: Final = {
    "KUMO_ALERT_MAX_AGE": "0",
    "KUMO_FALSE_ALERTS": "0",
    "KUMO_FIRST_SPEND": "0",
    "KUMO_MIN_IMPACT": "0",
    "KUMO_MIN_SHARE": "0",
    "KUMO_TAG_KEYS": "none",
}


class Stack(Protocol):
    """The interface of Kumo for a storm: its address, the points at which it must die, unexpected events."""

    url: str
    quiet_seconds: float
    faults: list[str]

    @property
    def points(self) -> frozenset[str]: ...

    def prepare(self) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def services(self) -> Services: ...


class OneByOne:
    """Each process forked from one that has everything imported, on a clock that runs fast, dying at named points."""

    quiet_seconds = QUIET_SECONDS
    points = NEEDED

    def __init__(self, folder: Path, journal: Journal, environ: Mapping[str, str], seed: int, pause: float) -> None:
        self._server = Server(folder, environ["CHAOS_APPENDFSYNC"])
        self._journal, self._started = journal, time.time()
        ports = [free_port() for _ in range(3)]
        self._ports = (ports[0], ports[1], ports[2])
        self.url = f"http://127.0.0.1:{ports[1]}"
        own = {
            "REDIS_URL": f"redis://127.0.0.1:{ports[0]}",
            "PORT": str(ports[2]),
            "CHAOS_JOURNAL": str(journal.path),
            "CHAOS_SEED": str(seed),
            "CHAOS_STARTED": str(self._started),
        }
        self._environ = dict(environ) | own
        self._supervisor = Supervisor(self._server, journal, self._environ, seed, pause)
        self.faults = self._supervisor.faults

    def prepare(self) -> None:
        """Start the server."""
        self._server.start()

    def start(self) -> None:
        """Start the lines that lose replies, the processes and the killing."""
        self._supervisor.stand_between(*self._ports)
        self._supervisor.start()

    def stop(self) -> None:
        """Kill everything for good."""
        self._supervisor.stop()

    def services(self) -> Services:
        """Build services for looking on: they speak to Redis directly, and take part in nothing."""
        chosen = settings.load(self._environ | {"REDIS_URL": self._server.url})
        return process.hurried(composition.build(chosen), self._journal, self._started)
