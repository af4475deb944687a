"""Restarts the parts of `python -m kumo up` that end, unless one repeatedly fails at once."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Final

from kumo.cli.processes import COMMANDS, Process
from kumo.engine.ops.server import EmbeddedServer
from kumo.errors import KumoError

STOP_SECONDS: Final = 20
TICK_SECONDS: Final = 0.2
# A part that ends sooner after its start has failed; after this number of failures in a row everything stops.
AT_ONCE_SECONDS: Final = 10.0
MOST_FAILURES: Final = 5
PAUSE_SECONDS: Final = 0.5
LONGEST_LINE: Final = 1 << 16

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_log = logging.getLogger(__name__)
_FROM_OUTSIDE: Final = frozenset(-number for number in (signal.SIGKILL, *_SIGNALS))


@dataclass
class Child:
    """A part to keep running: whether it runs, its last or next start, how often in a row it failed at once."""

    part: Process | EmbeddedServer
    runs: bool = False
    due: float = 0.0
    failures: int = 0
    waits: str = ""

    def has_failed_for_good(self) -> bool:
        """Whether it has failed too often."""
        return self.failures >= MOST_FAILURES

    def end(self, code: int, now: float) -> str:
        """Record its end and set its next start; return a sentence about it."""
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        failed = now - self.due < AT_ONCE_SECONDS and code not in _FROM_OUTSIDE
        self.failures = self.failures + 1 if failed else 0
        if self.has_failed_for_good():
            return f"{self.part.name} {how}, {MOST_FAILURES} times in a row right after its start: Kumo stops."
        pause = PAUSE_SECONDS * 2**self.failures
        self.runs, self.due = False, now + pause
        return f"{self.part.name} {how}, and starts again in {pause:g} s."

    def start(self, now: float) -> str:
        """Start it if possible; return a sentence if it cannot start for a new reason."""
        try:
            waits = "" if self.part.start() else "waits for another command"
        except (KumoError, OSError) as error:
            waits = f"cannot start yet: {error}"
        self.runs, self.due = not waits, now + PAUSE_SECONDS if waits else now
        news = f"{self.part.name} {waits}" if waits and waits != self.waits else ""
        self.waits = waits
        return news


class Supervisor:
    """Starts and restarts the parts, and shows their output."""

    def __init__(self, processes: Sequence[Process], server: EmbeddedServer | None, output: "Output") -> None:
        """Keep these processes, which print to `output`, and a server that already runs."""
        self._processes = processes
        self._children = [Child(process) for process in processes]
        if server is not None:
            self._children.append(Child(server, runs=True))
        self._output = output
        self._asked = 0

    def run(self) -> int:
        """Run until told to stop or a part has failed too often; return the exit code. Then no process is left."""
        with _handler(self._ask):
            try:
                while not self._asked and not any(child.has_failed_for_good() for child in self._children):
                    for child in self._children:
                        self._tend(child)
                    time.sleep(TICK_SECONDS)
            finally:
                self._stop()
        return 128 + self._asked if self._asked else 1

    def _ask(self, number: int, _: FrameType | None) -> None:
        self._asked = signal.SIGTERM if number == signal.SIGHUP else number

    def _tend(self, child: Child) -> None:
        """Start a part that is due, or check whether it has ended."""
        now, news = time.monotonic(), ""
        if child.runs:
            code = child.part.exit_code()
            news = "" if code is None else child.end(code, now)
        elif now >= child.due:
            news = child.start(now)
        if news:
            _log.warning("%s", news)

    def _stop(self) -> None:
        """Ask all processes to stop, and kill the rest at the end."""
        for process in self._processes:
            process.terminate()
        ends = time.monotonic() + STOP_SECONDS
        while [process for process in self._processes if process.exit_code() is None]:
            if time.monotonic() >= ends:
                for process in self._processes:
                    process.kill()
            time.sleep(TICK_SECONDS / 4)
        self._output.finish()


class Output:
    """The output of the processes, line by line, each with the name of its process."""

    def __init__(self, width: int) -> None:
        """Reserve this width for a name."""
        self._width = width
        self._lock = threading.Lock()
        self._readers: list[threading.Thread] = []

    def add(self, name: str, pipe: IO[bytes]) -> None:
        """Show the lines of a pipe until its end, in a thread of its own."""
        reader = threading.Thread(target=self._show, args=(name, pipe), daemon=True)
        self._readers = [*filter(threading.Thread.is_alive, self._readers), reader]
        reader.start()

    def finish(self) -> None:
        """Wait until everything is shown that was printed before the processes ended."""
        for reader in self._readers:
            reader.join(TICK_SECONDS)

    def _show(self, name: str, pipe: IO[bytes]) -> None:
        """Show each line; a closed output or a full disk does not end the thread."""
        with pipe:
            for line in iter(lambda: pipe.readline(LONGEST_LINE), b""):
                text = line.decode(errors="replace").rstrip("\r\n")
                with self._lock, suppress(OSError):
                    sys.stdout.write(f"{name:<{self._width}} | {text}\n")
                    sys.stdout.flush()


@contextmanager
def exiting() -> Iterator[None]:
    """Leave the block in an orderly way on SIGTERM and a closed terminal, as Python does on Ctrl-C."""
    with _handler(lambda number, _: sys.exit(128 + number), (signal.SIGTERM, signal.SIGHUP)):
        yield


@contextmanager
def _handler(ask: Callable[[int, FrameType | None], object], numbers: Iterable[int] = _SIGNALS) -> Iterator[None]:
    """Handle signals to stop; a closed terminal is one unless it is ignored, as under nohup."""
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
    """Keep Kumo's processes running, and the embedded server of a folder; return the exit code.

    130 for Ctrl-C, 143 for SIGTERM and a closed terminal, 1 if a part repeatedly failed.
    """
    output = Output(max(map(len, COMMANDS)))
    processes = [Process(name, arguments, environ, output.add) for name, arguments in COMMANDS.items()]
    return Supervisor(processes, EmbeddedServer(data_dir) if data_dir else None, output).run()
