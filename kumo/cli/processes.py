"""The processes of the Procfile, as `python -m kumo up` runs them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import IO, Final

# The same as in the Procfile (a test compares them), less what only a platform needs. They are found where Kumo is
# installed as a package too.
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "web": ("gunicorn", "-c", "python:kumo.serving", "kumo.wsgi:app"),
    "worker": ("worker", "judge"),
    "notifier": ("worker", "notify"),
    "importer": ("worker", "import"),
}


class Process:
    """A module of Python as a process in a session of its own."""

    def __init__(
        self, name: str, arguments: Iterable[str], environ: Mapping[str, str], show: Callable[[str, IO[bytes]], None]
    ) -> None:
        """Say what is to run; `show` gets its name and what it prints, and closes that."""
        self.name = name
        self._command = [sys.executable, "-u", "-m", *arguments]
        self._environ = dict(environ)
        self._show = show
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Start it; returns that it did."""
        self._running = subprocess.Popen(
            self._command,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._running.stdout is not None
        self._show(self.name, self._running.stdout)
        return True

    def exit_code(self) -> int | None:
        """Return how it ended, None while it runs; what it has left running is killed."""
        if self._running is None:
            return 0
        # Looked at without taking note: until that is done, its number is no stranger's, and no stranger is killed.
        if not os.waitid(os.P_PID, self._running.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return None
        self.kill()
        code, self._running = self._running.wait(), None
        return code

    def terminate(self) -> None:
        """Ask it to stop, where it runs."""
        if self._running is not None:
            os.kill(self._running.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Kill it and all that it has started."""
        if self._running is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._running.pid, signal.SIGKILL)
