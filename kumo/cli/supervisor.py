"""Keeps the parts of `python -m kumo up` running: what ends starts again, unless it fails at once again and again."""

import logging
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from kumo.cli.processes import COMMANDS, EmbeddedServer, Process
from kumo.errors import KumoError

STOP_SECONDS: Final = 20
TICK_SECONDS: Final = 0.2
# What ends by itself sooner after its start than this has failed; after so many failures in a row all is stopped.
AT_ONCE_SECONDS: Final = 10.0
MOST_FAILURES: Final = 5
PAUSE_SECONDS: Final = 0.5
CHUNK: Final = 1 << 16

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_log = logging.getLogger(__name__)
_FROM_OUTSIDE: Final = frozenset(-number for number in (signal.SIGKILL, *_SIGNALS))


@dataclass
class Kept:
    """A part: whether it runs, when it was or is to be started, and how often in a row it has failed at once."""

    part: Process | EmbeddedServer
    runs: bool = False
    due: float = 0.0
    failures: int = 0
    waits: str = ""

    def is_to_stop_all(self) -> bool:
        """Whether it has failed too often."""
        return self.failures >= MOST_FAILURES

    def end(self, code: int, now: float) -> str:
        """Take in how it ended and set when it starts again; returns a sentence about it."""
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        failed = now - self.due < AT_ONCE_SECONDS and code not in _FROM_OUTSIDE
        self.failures = self.failures + 1 if failed else 0
        if self.is_to_stop_all():
            return f"{self.part.name} {how}, {MOST_FAILURES} times in a row at once after its start: Kumo stops."
        pause = PAUSE_SECONDS * 2**self.failures
        self.runs, self.due = False, now + pause
        return f"{self.part.name} {how}, and starts again in {pause:g} s."

    def start(self, now: float) -> str:
        """Start it if it can be; returns a sentence where it cannot, and that is news."""
        try:
            waits = "" if self.part.start() else "waits for another command"
        except (KumoError, OSError) as error:
            waits = f"cannot start yet: {error}"
        self.runs, self.due = not waits, now + PAUSE_SECONDS if waits else now
        news = f"{self.part.name} {waits}" if waits and waits != self.waits else ""
        self.waits = waits
        return news


class Supervisor:
    """Starts the parts, starts them again, and shows what they print."""

    def __init__(self, processes: Sequence[Process], server: EmbeddedServer | None, show: "Show") -> None:
        """Keep these processes, whose output goes to `show`, and a server that runs already."""
        self._processes = processes
        self._kept = [Kept(process) for process in processes]
        if server is not None:
            self._kept.append(Kept(server, runs=True))
        self._show = show
        self._asked = 0

    def run(self) -> int:
        """Run until told to stop or a part has failed too often; returns the exit code. No process is left then."""
        with _handler(self._ask):
            try:
                while not self._asked and not any(kept.is_to_stop_all() for kept in self._kept):
                    for kept in self._kept:
                        self._tend(kept)
                    self._show.pass_on(TICK_SECONDS)
            finally:
                self._stop()
        return 128 + self._asked if self._asked else 1

    def _ask(self, number: int, _: FrameType | None) -> None:
        self._asked = signal.SIGTERM if number == signal.SIGHUP else number

    def _tend(self, kept: Kept) -> None:
        """Start a part that is due, or see whether it has ended."""
        now, news = time.monotonic(), ""
        if kept.runs:
            code = kept.part.exit_code()
            news = "" if code is None else kept.end(code, now)
        elif now >= kept.due:
            news = kept.start(now)
        if news:
            _log.warning("%s", news)

    def _stop(self) -> None:
        """Ask all processes to stop, and kill what is left in the end."""
        for process in self._processes:
            process.terminate()
        ends = time.monotonic() + STOP_SECONDS
        while [process for process in self._processes if process.exit_code() is None]:
            if time.monotonic() >= ends:
                for process in self._processes:
                    process.kill()
            self._show.pass_on(TICK_SECONDS / 4)
        self._show.pass_on(0)


class Show:
    """What processes print, line by line, each after the name of whose it is."""

    def __init__(self, width: int) -> None:
        """Leave so much room for a name."""
        self._width = width
        self._selector = selectors.DefaultSelector()
        self._begun: dict[int, bytes] = {}

    def add(self, name: str, output: int) -> None:
        """Show what comes from a pipe until its end."""
        self._begun[output] = b""
        self._selector.register(output, selectors.EVENT_READ, name)

    def pass_on(self, seconds: float) -> None:
        """Show what has come, waiting for something at most so long."""
        for key, _ in self._selector.select(seconds):
            data = os.read(key.fd, CHUNK)
            *lines, rest = (self._begun[key.fd] + data).split(b"\n")
            if not data or len(rest) > CHUNK:
                lines, rest = ([*lines, rest] if rest else lines), b""
            for line in lines:
                self.line(key.data, line.decode(errors="replace").rstrip("\r"))
            self._begun[key.fd] = rest
            if not data:
                self._selector.unregister(key.fd)
                os.close(key.fd)

    def line(self, name: str, text: str) -> None:
        """Show one line; that nobody looks any more, or that it goes to a full disk, is no reason to end."""
        with suppress(OSError):
            sys.stdout.write(f"{name:<{self._width}} | {text}\n")
            sys.stdout.flush()


@contextmanager
def exiting() -> Iterator[None]:
    """Leave the block orderly on SIGTERM and a closed terminal, as Python does on Ctrl-C."""
    with _handler(lambda number, _: sys.exit(128 + number), (signal.SIGTERM, signal.SIGHUP)):
        yield


@contextmanager
def _handler(ask: Callable[[int, FrameType | None], object], numbers: Iterable[int] = _SIGNALS) -> Iterator[None]:
    """Handle what asks to stop; a closed terminal does so unless it is ignored, as under nohup."""
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if (number, handler) != (signal.SIGHUP, signal.SIG_IGN):
            signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(environ: Mapping[str, str], data_dir: Path | None) -> int:
    """Keep Kumo's processes running, and the embedded server of a folder; returns the exit code.

    130 for Ctrl-C, 143 for SIGTERM and a closed terminal, 1 where a part failed again and again.
    """
    show = Show(max(map(len, COMMANDS)))
    processes = [Process(name, arguments, environ, show.add) for name, arguments in COMMANDS.items()]
    return Supervisor(processes, EmbeddedServer(data_dir) if data_dir else None, show).run()
