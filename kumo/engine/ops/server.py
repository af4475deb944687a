"""The Redis of a command: the one that the settings name, the embedded one that runs, or one started for now."""

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
    """Give the settings with a Redis."""
    chosen = settings.load()
    if chosen.redis_url:
        yield chosen
        return
    with embedded.serve(chosen.data_dir) as url:
        yield replace(chosen, redis_url=url)


@contextmanager
def open_services() -> Iterator[Services]:
    """Give the services over a store that this code may touch."""
    with serve() as chosen:
        ready = services.build(chosen)
        ready.check_layout()
        yield ready


def revive(settings: Settings) -> None:
    """Start the embedded server again where it is the one in use and is gone; without room for data it waits."""
    if settings.redis_url == embedded.url(settings.data_dir):
        with suppress(StoreUnavailableError):
            embedded.revive(settings.data_dir)


class EmbeddedServer:
    """The embedded server of a data folder, whichever command has started it."""

    name = "server"

    def __init__(self, data_dir: Path) -> None:
        """Look after the server of this folder."""
        self._data_dir = data_dir

    def start(self) -> bool:
        """Start it; returns False where that has to wait. Raises `StoreUnavailableError` where the disk is full."""
        return embedded.revive(self._data_dir)

    def exit_code(self) -> int | None:
        """Return how it ended, None while it runs; of one that another command started, as if it was killed."""
        if embedded.is_there(self._data_dir):
            return None
        code = embedded.exit_code(self._data_dir)
        return -signal.SIGKILL if code is None else code
