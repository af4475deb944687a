"""The Procfile's processes under one roof, for `python -m kumo up`."""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Timer
from typing import Final

from honcho.manager import Manager

# The same as in the Procfile (a test compares them), less what only a platform needs.
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "web": ("gunicorn", "-c", "python:kumo.serving", "wsgi:app"),
    "worker": ("worker", "judge"),
    "notifier": ("worker", "notify"),
    "importer": ("worker", "import"),
}
STOP_SECONDS: Final = 20
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(environ: Mapping[str, str]) -> int:
    """Run web, judge, notifier and importer with this environment until told to stop or one of them ends.

    Returns the exit code: of the process that ended first, else 130 for Ctrl-C, 143 for SIGTERM.
    Whatever happens, none of them is left.
    """
    group = _Group()
    for name, (module, *arguments) in COMMANDS.items():
        command = shlex.join([sys.executable, "-u", "-m", module, *arguments])
        # `exec`: honcho starts a shell, which would otherwise stand between the signals and us.
        group.add_process(name, f"exec {command}", env=dict(environ))
    with _signals():
        try:
            group.loop()
        finally:
            group.sweep()
    code = int(group.returncode or 0)
    return code if code >= 0 else 128 - code


class _Group(Manager):
    """Honcho's manager, with the time to finish that a judge in the middle of a slice needs.

    Honcho kills 5 s after the first process has ended, never where none ends, and fails where a
    signal comes before all have started.
    """

    def terminate(self) -> None:
        """Ask all to stop, once all are there to be asked; kill what is left in the end."""
        if not self._all_started():
            _later(0.1, self.terminate)
        elif not self._terminating:
            _later(STOP_SECONDS, super().kill)
            super().terminate()

    def kill(self) -> None:
        """Do nothing: honcho calls this after its own 5 s, `terminate` has set our time."""

    def sweep(self) -> None:
        """Kill what a process left behind: each has a process group of its own."""
        for process in self._processes.values():
            if "pid" in process:
                self._procmgr.kill(process["pid"])


def _later(seconds: float, action: Callable[[], None]) -> None:
    timer = Timer(seconds, action)
    timer.daemon = True
    timer.start()


@contextmanager
def _signals() -> Iterator[None]:
    """Take a closed terminal as SIGTERM (not under nohup); put back what honcho replaces."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    if before[signal.SIGHUP] != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
