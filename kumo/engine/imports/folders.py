"""The deliveries in folders, and among files on the command line."""

import logging
import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from kumo.billing import manifests
from kumo.billing.errors import BillError
from kumo.billing.files import BillFile
from kumo.billing.grouping import MARKERS, Bundle, group_files, group_parts

# Suffixes and prefixes of files that are still being written.
UNFINISHED: Final = (".part", ".tmp", ".crdownload", "~")


# The size of a file in bytes, and its time of change in ns.
Mark = tuple[int, int]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Located:
    """A delivery on a disk: a name for people, and the file, its manifest, or its parts."""

    name: str
    source: BillFile | tuple[BillFile, ...]


class Folder:
    """A folder of deliveries. Manifests are read again only if they have changed."""

    def __init__(self, root: Path) -> None:
        """Use this root."""
        self.root = Path(os.path.realpath(root))
        self._documents: dict[PurePosixPath, tuple[Mark, object]] = {}

    def list_files(self) -> dict[PurePosixPath, Mark]:
        """Return the regular files that are finished according to their names; log folders that cannot be read."""
        found = {}
        for name, folders, files in os.walk(self.root, onerror=lambda error: _log.warning("%s", error)):
            folders[:] = [each for each in folders if not each.startswith(".")]
            for file in files:
                if file in MARKERS or not (file.startswith(".") or file.lower().endswith(UNFINISHED)):
                    path = Path(name, file)
                    if mark := read_mark(path):
                        found[PurePosixPath(path.relative_to(self.root))] = mark
        return found

    def group(self, files: Mapping[PurePosixPath, Mark]) -> list[Bundle]:
        """Group files of this folder into deliveries; one with a malformed manifest becomes one too, to be refused."""
        documents = {place: document for place, mark in files.items() if (document := self._read(place, mark))}
        return group_files({place: changed for place, (_, changed) in files.items()}, documents)

    def locate(self, bundle: Bundle) -> BillFile | tuple[BillFile, ...]:
        """Return the files to open for a delivery: its manifest, its only file, or its parts."""
        if bundle.manifest or len(bundle.parts) == 1:
            return BillFile(self.root / bundle.name, self.root)
        return tuple(BillFile(self.root / part, self.root) for part in bundle.parts)

    def _read(self, place: PurePosixPath, mark: Mark) -> object:
        """Return a parsed manifest; None for other or unreadable files, whose import reports the fault."""
        if place.suffix.lower() != ".json" or mark[0] > manifests.MAX_MANIFEST:
            return None
        known = self._documents.get(place)
        if known is None or known[0] != mark:
            try:
                known = mark, BillFile(self.root / place, self.root).read_manifest()
            except (BillError, OSError):
                known = mark, None
            self._documents[place] = known
        return known[1]


def find_deliveries(paths: Sequence[Path]) -> list[Located]:
    """Return the deliveries among the given files and folders.

    Files of one folder with numbered names of one export are one delivery. A missing file is also a delivery, so that
    opening it reports the fault.
    """
    found = []
    alone: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        if path.is_dir():
            found += find_in_folder(path)
        else:
            alone[path.parent].append(path)
    for folder, files in alone.items():
        found += _group_named(folder, files)
    return found


def find_in_folder(folder: Path) -> list[Located]:
    """Return the deliveries in a folder and its subfolders."""
    found = Folder(folder)
    return [Located(str(bundle.name), found.locate(bundle)) for bundle in found.group(found.list_files())]


def read_mark(path: Path) -> Mark | None:
    """Return the mark of a regular file; None if it is gone, or is something like a pipe, which has no end."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _group_named(folder: Path, files: Sequence[Path]) -> Iterator[Located]:
    for parts in group_parts([PurePosixPath(path.name) for path in files]):
        sources = tuple(BillFile.alone(folder / part) for part in parts)
        yield Located(parts[0].name, sources if len(sources) > 1 else sources[0])
