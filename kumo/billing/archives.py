"""Zips: each is one delivery, of all of its data files, or of those that its manifests name."""

import struct
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO, Any, Final, cast

from kumo import faults
from kumo.billing import manifests
from kumo.billing.errors import BillError, quote
from kumo.billing.grouping import group_files
from kumo.billing.options import MEBIBYTE
from kumo.billing.sources import DAMAGED, Allowance, FilePart, Payload, unpack

# Largest number of files in a zip, including those that do not count: zipfile takes half a kilobyte of memory for each.
MAX_DIRECTORY: Final = 2 * MEBIBYTE
# Largest size of the manifests in one zip.
MAX_MANIFESTS: Final = 4 * manifests.MAX_MANIFEST
_LONGEST_NAME: Final = 200
# Errors of zipfile for a damaged directory: offsets before the start, sizes too small, names that are not text.
_UNZIPPING: Final = (*DAMAGED, NotImplementedError, RuntimeError, ValueError, struct.error, OSError)
_WORKBOOK: Final = "[Content_Types].xml"


class _Bounded:
    """A file that refuses large reads: zipfile reads the directory of a zip in one piece, of any size."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a file has
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        """Read; raise `BillError` for more than a directory may have."""
        if size > MAX_DIRECTORY:
            raise BillError(f"is a zip of more than {manifests.MAX_FILES} files")
        return self._file.read(size)


def parts_of(file: IO[bytes], name: str, allowance: Allowance, owned: ExitStack) -> list[FilePart]:
    """Return the data files in a seekable zip; raise `BillError`."""
    try:
        archive = owned.enter_context(zipfile.ZipFile(cast(IO[bytes], _Bounded(file))))
        members = [info for info in archive.infolist() if _counts(info)]
        if any(info.filename == _WORKBOOK for info in members):
            raise BillError("is an Excel workbook; save its sheet as CSV", name)
        if len(members) > manifests.MAX_FILES or any(_strange(info) for info in members):
            raise BillError("is a zip with a password, too many files or a compression that is not deflate", name)
        if len({info.filename for info in members}) < len(members):
            raise BillError("is a zip with two files of the same name", name)
        chosen = _choose(archive, members, name)
    except _UNZIPPING as error:
        if faults.is_passing(error):
            raise
        raise BillError(f"is a damaged or incomplete zip: {error}", name) from error
    return [
        replace(_part(archive, info, name, allowance), is_listed=payer is not None, payer=payer or "")
        for info, payer in chosen.items()
    ]


def open_only(file: IO[bytes], name: str, allowance: Allowance, opened: ExitStack) -> Payload:
    """Open the only data file in a zip; raise `BillError` if there are others."""
    parts = parts_of(file, name, allowance, opened)
    if len(parts) != 1:
        raise BillError(f"is a zip of {len(parts)} files, but a manifest must name zips of one file each", name)
    return parts[0].open(opened)


def _counts(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    return not info.is_dir() and path.parts[:1] != ("__MACOSX",) and not path.name.startswith(".")


def _strange(info: zipfile.ZipInfo) -> bool:
    return bool(info.flag_bits & 1) or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def _choose(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], name: str
) -> dict[zipfile.ZipInfo, str | None]:
    """Return the data files in a zip, each with the payer from its manifest, or None without a manifest.

    A zip is one delivery. If one export has several runs in one period, the latest counts.
    """
    by_place = {PurePosixPath(info.filename): info for info in members}
    times = {place: _time_of(info) for place, info in by_place.items()}
    documents = _read_manifests(archive, members, name) if len(members) > 1 else {}
    bundles = group_files(times, documents)
    listed = [bundle.manifest for bundle in bundles if bundle.manifest]
    for each in listed:
        if detail := each.error or (each.missing and f"names {quote(each.missing[0])}, which is not in its zip"):
            raise BillError(detail, f"{name}/{_label(str(each.place))}")
    bundles = [bundle for bundle in bundles if bundle.manifest] or bundles
    chosen = {
        by_place[place]: manifests.payer_in(documents[bundle.name]) if bundle.manifest else None
        for bundle in bundles
        for place in bundle.parts
    }
    if not chosen:
        seen = ", ".join(_label(info.filename) for info in members[:10]) or "none"
        raise BillError(f"is a zip without a data file; it contains {seen}", name)
    return chosen


def _time_of(info: zipfile.ZipInfo) -> int:
    """Return the time of a member as a number that orders members."""
    number = 0
    for part in info.date_time:
        number = number * 100 + part
    return number


def _read_manifests(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], name: str
) -> dict[PurePosixPath, object]:
    """Return each parsed manifest in a zip, by its place."""
    found: dict[PurePosixPath, object] = {}
    read = 0
    for info in members:
        with archive.open(info) as file:
            if document := manifests.read_document(file):
                found[PurePosixPath(info.filename)] = document
            read += file.tell()
        if read > MAX_MANIFESTS:
            raise BillError(f"is a zip with more than {MAX_MANIFESTS} bytes of JSON beside its data", name)
    return found


def _label(place: str) -> str:
    return "".join(filter(str.isprintable, place))[:_LONGEST_NAME]


def _part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, allowance: Allowance) -> FilePart:
    label = f"{name}/{_label(info.filename)}"

    def open_member(owned: ExitStack) -> Payload:
        try:
            file = owned.enter_context(archive.open(info))
        except _UNZIPPING as error:
            if faults.is_passing(error):
                raise
            raise BillError(f"is damaged or incomplete: {error}") from error
        # At least one byte: a size of 0 would mean that it was not compressed.
        return unpack(file, label, allowance, owned, max(info.compress_size, 1))

    return FilePart(label, open_member)
