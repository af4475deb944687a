"""The Redis of a command: that of the settings, the running embedded one, or one started for this command."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from kumo import services, settings
from kumo.errors import StoreUnavailableError
from kumo.services import Services
from kumo.settings import Settings
from kumo.store import embedded


@contextmanager
def serve() -> Iterator[Settings]:
    """Yield the settings with a Redis."""
    chosen = settings.load()
    if chosen.redis_url:
        yield chosen
        return
    with embedded.serve(chosen.data_dir) as url:
        yield replace(chosen, redis_url=url)


@contextmanager
def open_services() -> Iterator[Services]:
    """Yield the services, after a check that this code may use the store."""
    with serve() as chosen:
        ready = services.build(chosen)
        ready.check_layout()
        yield ready


def revive(settings: Settings) -> None:
    """Restart the embedded server if it is in use and has ended; without room for data, wait."""
    if settings.redis_url == embedded.url(settings.data_dir):
        with suppress(StoreUnavailableError):
            embedded.revive(settings.data_dir)


class EmbeddedServer:
    """The embedded server of a data folder, whichever command has started it."""

    name = "server"

    def __init__(self, data_dir: Path) -> None:
        """Use the server of this folder."""
        self._data_dir = data_dir

    def start(self) -> bool:
        """Start it; return False if that has to wait. Raise `StoreUnavailableError` if the disk is full."""
        return embedded.revive(self._data_dir)

    def exit_code(self) -> int | None:
        """Return its exit code, None while it runs; that of a kill if another command started it."""
        if embedded.is_there(self._data_dir):
            return None
        code = embedded.exit_code(self._data_dir)
        return -signal.SIGKILL if code is None else code
