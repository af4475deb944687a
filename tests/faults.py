"""Faults of the machine, as they really come: no room for a file, no more files that may be open."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final


@contextmanager
def no_room() -> Iterator[None]:
    """Limit files to a few bytes."""
    with _limited(resource.RLIMIT_FSIZE, 100):
        yield


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let no more file be opened."""
    highest = os.open(os.devnull, os.O_RDONLY)
    os.close(highest)
    with _limited(resource.RLIMIT_NOFILE, highest):
        yield


@contextmanager
def _limited(what: int, most: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(what, (soft, hard))


FAULTS: Final[tuple[Callable[[], AbstractContextManager[None]], ...]] = (no_room, no_more_files)
