"""The events of the attack, written so that even a process that kills itself next has recorded it."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

KILL: Final = "kill"
LOSS: Final = "loss"
SEND: Final = "send"
RECORDED: Final = "recorded"


@dataclass(frozen=True, slots=True)
class Event:
    """One line: kind of event, role, place or manner, time by the clock of this machine; `more` depends on the kind."""

    kind: str
    role: str
    where: str
    at: float
    pid: int
    more: Any = None


class Journal:
    """A file that many processes append to. One `write` a line: the kernel has it before the writer can die."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._calm = path.with_name("calm")
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, kind: str, role: str, where: str, more: object = None) -> None:
        row = {"kind": kind, "role": role, "where": where, "at": time.monotonic(), "pid": os.getpid(), "more": more}
        os.write(self._file, json.dumps(row).encode() + b"\n")

    def read(self) -> Iterator[Event]:
        """Yield the events so far, in order."""
        with self.path.open() as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield Event(**json.loads(line))

    def kills(self) -> int:
        return sum(1 for event in self.read() if event.kind == KILL)

    def calm_down(self) -> None:
        """Ask all attackers to stop, so that the rest of the work can finish."""
        self._calm.touch()

    def is_calm(self) -> bool:
        return self._calm.exists()

    def calm_at(self) -> float | None:
        """Return when the attackers were asked to stop, in seconds since 1970."""
        try:
            return self._calm.stat().st_mtime
        except FileNotFoundError:
            return None
