"""A folder that receives deliveries: each check imports new or changed deliveries that have settled.

A file has settled if two checks find the same size and time of change. An imported or refused delivery is not
read again until it changes, so a quiet folder costs only the check.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

import redis

from kumo.billing import BillError, fingerprint
from kumo.billing.grouping import Bundle
from kumo.domain.imports import Import, ImportStatus
from kumo.engine.imports import lifecycle
from kumo.engine.imports.choices import Choices
from kumo.engine.imports.folders import Folder, Mark, read_mark
from kumo.services import Services
from kumo.store import imports

LONGEST_NAME: Final = 200

_log = logging.getLogger(__name__)


class WatchStoppedError(Exception):
    """The watcher was asked to stop in the middle of an import; importing the file again completes it."""


class Watch:
    """The state of a folder between two checks."""

    def __init__(self, services: Services, folder: Path, choices: Choices, stopping: Callable[[], bool]) -> None:
        """Start to watch; the first check finds nothing that has settled."""
        self._services = services
        self._folder = Folder(folder)
        # A changed file is new data, even if its bytes are those of an older delivery.
        self._choices = replace(choices, again=True, tag_keys=services.settings.tag_keys)
        self._stopping = stopping
        self._seen: dict[PurePosixPath, Mark] = {}
        self._over: dict[PurePosixPath, Mark] = {}
        self._fresh = True

    def look(self) -> list[Import]:
        """Check the folder, import the settled deliveries, and return the imports.

        The oldest change comes first; a delivery has changed with the last of its files. Raises the errors of
        Redis, and at the end `OSError` or `MemoryError` if a fault of the machine prevented an import: the next
        check tries again.
        """
        found = self._folder.list_files()
        settled = {place for place, mark in found.items() if self._seen.get(place) == mark}
        self._seen = found
        fresh = self._fresh
        done: list[Import] = []
        fault: OSError | MemoryError | None = None
        bundles = [(bundle, {place: found[place] for place in bundle.files}) for bundle in self._folder.group(found)]
        for bundle, files in sorted(bundles, key=lambda each: (_find_change(each[1]), each[0].name)):
            if self._stopping():
                return done
            # A delivery with a missing file has no new data.
            if settled.issuperset(files) and any(self._over.get(place) != mark for place, mark in files.items()):
                try:
                    row = self._import(bundle, files, self._knowing(bundle, files) if fresh else self._choices)
                except (OSError, MemoryError) as error:
                    fault = error
                    continue
                self._over |= files
                done += [row] if row else []
        self._fresh = fresh and not settled
        if fault:
            raise fault
        return done

    def _knowing(self, bundle: Bundle, files: Mapping[PurePosixPath, Mark]) -> Choices | None:
        """Return the options for a delivery at the start of a watcher; None if it was imported after its last change.

        Otherwise each start would restore what a newer delivery has replaced, or somebody has forgotten. If
        days were left out for their age, they may be wanted now, but not if a newer delivery has replaced them.
        """
        try:
            options = replace(self._choices.options, pulse=self._tell)
            digest = fingerprint(self._folder.locate(bundle), options)
        except (BillError, OSError):
            return self._choices
        earlier = imports.find_by_bill(self._services.store, self._choices.fingerprint(digest))
        if earlier is None or earlier.status not in {ImportStatus.DONE, ImportStatus.FORGOTTEN}:
            return self._choices
        if _find_change(files) // 1_000_000 > earlier.started_at:
            return self._choices
        return replace(self._choices, again=False) if earlier.left_out and earlier.status is ImportStatus.DONE else None

    def _import(self, bundle: Bundle, files: Mapping[PurePosixPath, Mark], choices: Choices | None) -> Import | None:
        if choices is None or not all(read_mark(self._folder.root / place) == mark for place, mark in files.items()):
            return None  # gone, or changed since the check: the next one sees it
        name = str(bundle.name)[-LONGEST_NAME:]
        try:
            row = lifecycle.run(self._services, self._folder.locate(bundle), name, choices, self._tell)
        except (WatchStoppedError, redis.RedisError, OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - one file must not keep all others from being imported
            _log.exception("%s could not be imported.", name)
            return None
        _log.log(logging.WARNING if row.error else logging.INFO, "%s", describe(name, row))
        return row

    def _tell(self, *_: object) -> None:
        if self._stopping():
            raise WatchStoppedError


def _find_change(files: Mapping[PurePosixPath, Mark]) -> int:
    """Return when the last of some files changed, in ns."""
    return max(mark[1] for mark in files.values())


def describe(name: str, row: Import) -> str:
    """Describe the result for a file in one line."""
    if row.error:
        return f"{name} is refused: {row.error}"
    if row.same_as:
        return f"{name} is the same as import {row.same_as}: nothing to do"
    counts = f"{row.added.entries} added, {row.removed.entries} removed, {row.changed.entries} changed"
    left_out = f", {row.left_out} days left out" if row.left_out else ""
    return (
        f"{name} is import {row.id}: {counts}, {row.unchanged.entries} unchanged; {row.anomalies} anomalies{left_out}"
    )
