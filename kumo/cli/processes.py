"""The processes of the Procfile, for `python -m kumo up`."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import IO, Final

# The same as in the Procfile (a test compares them), without parts that only a platform needs. They also work if Kumo
# is
# installed as a package.
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "web": ("gunicorn", "-c", "python:kumo.serving", "kumo.wsgi:app"),
    "worker": ("worker", "judge"),
    "notifier": ("worker", "notify"),
    "importer": ("worker", "import"),
}


class Process:
    """A Python module as a process in its own session."""

    def __init__(
        self, name: str, arguments: Iterable[str], environ: Mapping[str, str], show: Callable[[str, IO[bytes]], None]
    ) -> None:
        """Keep what to run; `show` gets its name and its output, and closes the latter."""
        self.name = name
        self._command = [sys.executable, "-u", "-m", *arguments]
        self._environ = dict(environ)
        self._show = show
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Start it; return that it did."""
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
        """Return its exit code, None while it runs; kill its remaining children."""
        if self._running is None:
            return 0
        # Checked without reaping: until that is done, its number is not reused, so no other process is killed.
        if not os.waitid(os.P_PID, self._running.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return None
        self.kill()
        code, self._running = self._running.wait(), None
        return code

    def terminate(self) -> None:
        """Ask it to stop, if it runs."""
        if self._running is not None:
            os.kill(self._running.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Kill it and all of its children."""
        if self._running is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._running.pid, signal.SIGKILL)
