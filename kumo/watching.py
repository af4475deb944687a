"""A folder that receives deliveries: each look imports what has come or changed there, once it has settled.

A file has settled where two looks find the same size and time of change. What a look imported or refused is not
touched again until it changes, so a quiet folder costs nothing but the looking.
"""

import logging
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import redis

from kumo.billing import BillError, BillFile, fingerprint
from kumo.billing.manifests import MAX_FILES
from kumo.domain.imports import Import, State
from kumo.engine import importing
from kumo.engine.reading import Choices
from kumo.services import Services
from kumo.store import imports

# What is still being written is called so by those who write it.
UNFINISHED: Final = (".part", ".tmp", ".crdownload", "~")
LONGEST_NAME: Final = 200

# The size of a file in bytes, and when it changed in ns.
Mark = tuple[int, int]

_log = logging.getLogger(__name__)


class StoppedError(Exception):
    """The watcher was asked to stop in the middle of an import; it is finished by importing the file again."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery in the folder: a file, or a manifest and those files it names that are there."""

    path: Path
    files: Mapping[Path, Mark]

    @property
    def changed(self) -> int:
        """When the last of its files changed, in ns."""
        return max(mark[1] for mark in self.files.values())


class Watch:
    """What is known of a folder from one look to the next."""

    def __init__(self, services: Services, folder: Path, choices: Choices, stopping: Callable[[], bool]) -> None:
        """Begin to watch; the first look finds nothing that has settled."""
        self._services = services
        self._folder = folder
        # A file that changed is what its sender says now, also where its bytes are those of an older delivery.
        self._choices = replace(choices, again=True)
        self._stopping = stopping
        self._seen: dict[Path, Mark] = {}
        self._over: dict[Path, Mapping[Path, Mark]] = {}
        self._names: dict[Path, tuple[Mark, list[object]]] = {}
        self._fresh = True

    def look(self) -> list[Import]:
        """Look at the folder, import what has settled, and return what became of it.

        Deliveries that changed first come first. Raises what Redis raises, and in the end `OSError` or `MemoryError`
        where the machine kept it from importing one of them: the next look tries again.
        """
        found = dict(_files(self._folder))
        settled = {path for path, mark in found.items() if self._seen.get(path) == mark}
        self._seen = found
        fresh = self._fresh
        done: list[Import] = []
        fault: OSError | MemoryError | None = None
        for delivered in sorted(self._deliveries(found), key=lambda each: (each.changed, each.path)):
            if self._stopping():
                return done
            if settled.issuperset(delivered.files) and self._over.get(delivered.path) != delivered.files:
                try:
                    row = None if fresh and self._known(delivered) else self._import(delivered)
                except (OSError, MemoryError) as error:
                    fault = error
                    continue
                self._over[delivered.path] = delivered.files
                done += [row] if row else []
        self._fresh = fresh and not settled
        if fault:
            raise fault
        return done

    def _deliveries(self, found: Mapping[Path, Mark]) -> Iterator[Delivered]:
        """Group files by manifest. Some providers keep one manifest in two places: the first of them counts."""
        manifests = {path: self._named(path, mark) for path, mark in found.items()}
        parts = {path: _parts(self._file(path), names) for path, names in sorted(manifests.items()) if names}
        by_parts = {tuple(files) or (path,): path for path, files in reversed(parts.items())}
        for files, path in by_parts.items():
            yield Delivered(path, {each: found[each] for each in (path, *files) if each in found})
        named = {file for files in parts.values() for file in files}
        for path in found.keys() - parts.keys() - named:
            yield Delivered(path, {path: found[path]})

    def _file(self, path: Path) -> BillFile:
        return BillFile(path, self._folder)

    def _named(self, path: Path, mark: Mark) -> list[object]:
        """Return the names in a manifest, read again only where it has changed."""
        known = self._names.get(path)
        if known is None or known[0] != mark:
            try:
                known = mark, self._file(path).named()
            except (BillError, OSError):  # the import will say what is wrong
                known = mark, []
            self._names[path] = known
        return known[1]

    def _known(self, delivered: Delivered) -> bool:
        """Whether a watcher that begins finds a delivery that was imported after it came.

        Else each start would bring back what a newer delivery has replaced since, or what somebody has forgotten.
        """
        try:
            options = replace(self._choices.options, pulse=self._tell)
            digest = fingerprint(self._file(delivered.path), options)
        except (BillError, OSError):
            return False
        earlier = imports.with_bill(self._services.store, self._choices.fingerprint(digest))
        if earlier is None or earlier.state not in {State.DONE, State.FORGOTTEN}:
            return False
        return delivered.changed // 1_000_000 <= earlier.started_at

    def _import(self, delivered: Delivered) -> Import | None:
        if not all(_mark(path) == mark for path, mark in delivered.files.items()):
            return None  # gone, or changed since the look: the next one sees it
        name = delivered.path.relative_to(self._folder).as_posix()[-LONGEST_NAME:]
        try:
            row = importing.run(self._services, self._file(delivered.path), name, self._choices, self._tell)
        except (StoppedError, redis.RedisError, OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - one file must not keep all others from being imported
            _log.exception("%s could not be imported.", name)
            return None
        _log.log(logging.WARNING if row.error else logging.INFO, "%s", said(name, row))
        return row

    def _tell(self, *_: object) -> None:
        if self._stopping():
            raise StoppedError


def said(name: str, row: Import) -> str:
    """Say in a line what became of a file."""
    if row.error:
        return f"{name} is refused: {row.error}"
    if row.same_as:
        return f"{name} is the same as import {row.same_as}: nothing to do"
    counts = f"{row.added.entries} added, {row.removed.entries} removed, {row.changed.entries} changed"
    return f"{name} is import {row.id}: {counts}, {row.unchanged.entries} unchanged; {row.anomalies} anomalies"


def _files(folder: Path) -> Iterator[tuple[Path, Mark]]:
    """Yield the files below a folder that are finished, as far as their names and kinds tell."""
    for name, folders, files in os.walk(folder, onerror=lambda error: _log.warning("%s", error)):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for file in files:
            if not file.startswith(".") and not file.lower().endswith(UNFINISHED):
                path = Path(name, file)
                if mark := _mark(path):
                    yield path, mark


def _mark(path: Path) -> Mark | None:
    """Return the mark of a regular file; None for what is gone, or would never end, as a pipe."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _parts(manifest: BillFile, names: Sequence[object]) -> list[Path]:
    """Return the files of a manifest that are there; none where it names strange ones, which the import refuses."""
    try:
        return [file.path for name in names[:MAX_FILES] if (file := manifest.beside(name))]
    except BillError:
        return []
