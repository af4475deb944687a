"""What a delivery consists of: one file, the files in a zip, or those that a manifest names."""

import json
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from kumo.billing.errors import BillError
from kumo.billing.options import MEBIBYTE, Options
from kumo.billing.sources import DAMAGED, EMPTY_ZIP, ZIP, Payload, spooled, unpack

MAX_MANIFEST: Final = 8 * MEBIBYTE
MAX_MEMBERS: Final = 1000
_MARK: Final = b"\xef\xbb\xbf"
# What zipfile raises over a damaged directory: offsets before the start, sizes cut short, names that are no text.
_UNZIPPING: Final = (*DAMAGED, NotImplementedError, RuntimeError, ValueError, struct.error, OSError)
_WORKBOOK: Final = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of data of a delivery, opened when its turn comes."""

    name: str
    open: Callable[[], Payload]


def parts_of(source: IO[bytes] | Path, name: str, options: Options, owned: ExitStack) -> list[Part]:
    """Return the files of data, in order; what is opened for it closes with `owned`."""
    file: IO[bytes]
    if isinstance(source, Path):
        file = owned.enter_context(source.open("rb"))
        if listed := _manifest(file):
            return [_beside(source, key, options, owned) for key in listed]
    else:
        file = source
    head = _peek(file)
    if head is None:
        file = spooled(file, options, owned)
        head = _peek(file) or b""
    if head.startswith((ZIP, EMPTY_ZIP)):
        return _members(file, name, options, owned)
    return [Part(name, lambda: unpack(file, name, options, owned))]


def manifest_names(document: object) -> list[str]:
    """Return the files that a manifest lists, or none where the document is no manifest.

    A legacy CUR names `reportKeys`, AWS Data Exports `dataFiles`, Azure `blobs` with a `blobName` each.
    """
    match document:
        case {"reportKeys": [*names]} | {"dataFiles": [*names]}:
            return [str(name) for name in names]
        case {"blobs": [*blobs]}:
            return [str(blob["blobName"]) for blob in blobs if isinstance(blob, Mapping) and "blobName" in blob]
    return []


def _peek(file: IO[bytes]) -> bytes | None:
    """Return the first bytes of a file that can be sought in, else None."""
    if not getattr(file, "seekable", lambda: False)():
        return None
    start = file.tell()
    head = file.read(16)
    file.seek(start)
    return head


def _manifest(file: IO[bytes]) -> list[str]:
    if not (_peek(file) or b"").removeprefix(_MARK).lstrip().startswith(b"{"):
        return []
    content = file.read(MAX_MANIFEST + 1)
    file.seek(0)
    return manifest_names(_document(content))


def _document(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    if not content.removeprefix(_MARK).lstrip().startswith(b"{") or len(content) > MAX_MANIFEST:
        return None
    try:
        return json.loads(content.removeprefix(_MARK))
    except (ValueError, RecursionError):
        return None


def named_by(path: Path) -> list[str]:
    """Return the files that a manifest lists, or none where the file is no manifest; raises `OSError`."""
    with path.open("rb") as file:
        return _manifest(file)


def beside(manifest: Path, key: str) -> Path | None:
    """Find a file of a manifest near it, or None: buckets are copied with more or less of the path that the key has.

    Raises `BillError` for a key that leads elsewhere.
    """
    steps = _steps(manifest, key)
    places = (manifest.parent.joinpath(*steps[first:]) for first in range(len(steps)) if steps[first] != "/")
    return next((place for place in places if place.is_file()), None)


def _steps(manifest: Path, key: str) -> tuple[str, ...]:
    steps = PurePosixPath(key.partition("://")[2] or key).parts
    if ".." in steps or not steps:
        raise BillError(f"names a file outside its folder: {key}", manifest.name)
    return steps


def _beside(manifest: Path, key: str, options: Options, owned: ExitStack) -> Part:
    path = beside(manifest, key)
    if path is None:
        raise BillError(f"names {_steps(manifest, key)[-1]}, which is not beside it", manifest.name)
    return Part(path.name, lambda: unpack(owned.enter_context(path.open("rb")), path.name, options, owned))


def _members(file: IO[bytes], name: str, options: Options, owned: ExitStack) -> list[Part]:
    try:
        archive = owned.enter_context(zipfile.ZipFile(file))
        members = [info for info in archive.infolist() if _counts(info)]
        if any(info.filename == _WORKBOOK for info in members):
            raise BillError("is an Excel workbook; save its sheet as CSV", name)
        if len(members) > MAX_MEMBERS or any(_strange(info) for info in members):
            raise BillError("is a zip with a password, too many files or a compression that is not deflate", name)
        chosen = _chosen(archive, members, name)
    except _UNZIPPING as error:
        raise BillError(f"is a zip that is damaged or cut off: {error}", name) from error
    return [_member(archive, info, name, options, owned) for info in chosen]


def _counts(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    return not info.is_dir() and path.parts[:1] != ("__MACOSX",) and not path.name.startswith(".")


def _strange(info: zipfile.ZipInfo) -> bool:
    return bool(info.flag_bits & 1) or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def _chosen(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], name: str) -> list[zipfile.ZipInfo]:
    """Return the files of data in a zip: those that its manifest lists, else the only one there is."""
    listed: list[str] = []
    rest = []
    for info in members:
        small = info.file_size <= MAX_MANIFEST and len(members) > 1
        names = manifest_names(_document(archive.read(info))) if small else []
        listed += names
        if not names:
            rest.append(info)
    keys = [PurePosixPath(key).name for key in listed]
    by_name = {PurePosixPath(info.filename).name: info for info in rest}
    if keys and by_name.keys() >= set(keys):
        return [by_name[key] for key in keys]
    if len(rest) != 1:
        seen = ", ".join(info.filename for info in rest[:10]) or "none"
        raise BillError(
            f"is a zip that must hold one file of data, or several and their manifest; it holds {seen}", name
        )
    return rest


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, options: Options, owned: ExitStack) -> Part:
    def opened() -> Payload:
        try:
            file = owned.enter_context(archive.open(info))
        except _UNZIPPING as error:
            raise BillError(f"is damaged or cut off: {error}") from error
        # At least one byte: a size of 0 would mean that it was not compressed at all.
        return unpack(file, f"{name}/{info.filename}", options, owned, max(info.compress_size, 1))

    return Part(f"{name}/{info.filename}", opened)
