"""Importing: a bill becomes entries, and each later delivery of it replaces what the one before said.

A delivery replaces its scopes (see `kumo.domain.imports.Scope`) in the days that it covers. There are no locks: an
import has a number, claims its scopes under it in every partition, and writes nothing any more once a higher number
has claimed one of them. Everything it writes can be written again, so what a kill leaves half done is finished by
importing the same bytes again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from kumo.domain.imports import Import
from kumo.engine.reading import SILENT, Choices, Progress
from kumo.services import Services

Source = IO[bytes] | Path | str


def begin(services: Services, name: str) -> Import:
    """Give a bill that is to be imported later its number, so that it can be found: state `waiting`."""


def run(
    services: Services,
    source: Source,
    name: str = "",
    choices: Choices | None = None,
    progress: Progress = SILENT,
    begun: int | None = None,
) -> Import:
    """Import a bill and judge what it brought; `begun` is the number that `begin` gave it.

    Never raises for a bill that is refused: the import is then `failed` and says why, and nothing of it is stored.
    The same bytes under the same choices, still standing as they were imported, are no work (`same_as`). Raises what
    Redis raises: the import may then be half done, and is finished by importing the same bytes again.
    """


def find(services: Services, import_id: str) -> Import:
    """Return one import; raises `NotFoundError`."""


def listed(services: Services, limit: int = 100, below: int | None = None) -> Sequence[Import]:
    """Return imports, the newest first; `below` is the number of the last one of the page before."""


def forget(services: Services, import_id: str, progress: Progress = SILENT) -> Import:
    """Remove the entries that this import was the last to write; raises `NotFoundError` and `ConflictError`."""
