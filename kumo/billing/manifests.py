"""Manifests: the files of one delivery, and where they may be."""

import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import IO, Any, Final, TypeVar

from kumo.billing.errors import BillError, quote
from kumo.billing.options import MEBIBYTE

MAX_MANIFEST: Final = 8 * MEBIBYTE
MAX_FILES: Final = 1000
_MARK: Final = b"\xef\xbb\xbf"
_HEAD: Final = 4096
# The limit of S3, in characters.
_LONGEST_KEY: Final = 1024
_BUCKET: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://([A-Za-z0-9][A-Za-z0-9._-]*)/")
# A Windows drive, its separator, and percent-encoded characters.
_STRANGE: Final = re.compile(r"[A-Za-z]:|.*(\\|%[0-9A-Fa-f]{2})", re.DOTALL)
_DATES: Final = re.compile(r"\d{8}-\d{8}")
_PARTITION: Final = re.compile(r"\w+=.+")

Found = TypeVar("Found", bound=Hashable)


def names_in(document: object) -> list[object]:
    """Return the files in a manifest, or none if the document is not a manifest.

    A legacy CUR has `reportKeys`, AWS Data Exports `dataFiles`, Azure `blobs` with a `blobName` each.
    """
    match document:
        case {"reportKeys": [*names]} | {"dataFiles": [*names]}:
            return names
        case {"blobs": [*blobs]}:
            return [blob["blobName"] for blob in blobs if isinstance(blob, Mapping) and "blobName" in blob]
    return []


def payer_in(document: object) -> str:
    """Return the account of an AWS report from its manifest; empty if it has none.

    If that is the paying account, the report has all of its accounts. A Data Export may leave some out, because it is a
    query.
    """
    match document:
        case {"reportKeys": [*_], "account": str(account)}:
            return account
    return ""


def read_document(file: IO[bytes], most: int = MAX_MANIFEST) -> object:
    """Return the parsed manifest, or None if the file is not one; read at most about `most` bytes.

    One record of JSON a line is recognised by the first line. Raises the errors of reading.
    """
    head = file.read(_HEAD).removeprefix(_MARK).lstrip()
    if not head.startswith(b"{"):
        return None
    if b"\n" not in head:
        head += file.readline(most)
    document = _parse(head.partition(b"\n")[0])
    if document is None:
        content = head + file.read(most)
        document = _parse(content) if len(content) <= most else None
    return document if names_in(document) else None


def _parse(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def places(manifest: PurePosixPath, key: object) -> Iterator[PurePosixPath]:
    """Yield possible places of a manifest's file, relative to the root of the delivery, like the manifest's path.

    Copies of buckets have more or fewer steps than the key. Raises `BillError` for a key that is not a plain
    path, or leads upwards.
    """
    steps = _steps(key)
    tails = [steps[first:] for first in range(len(steps))]
    yield from (manifest.parent.joinpath(*tail) for tail in tails)
    if export := export_folder(manifest):
        yield from (export.joinpath(*tail) for tail in tails if any(map(_PARTITION.fullmatch, tail[:-1])))


def export_folder(manifest: PurePosixPath) -> PurePosixPath | None:
    """Return the folder of a whole AWS export if the manifest has its place in one, else None.

    A Data Export has its data in `data/BILLING_PERIOD=…/` and its manifest in `metadata/BILLING_PERIOD=…/`, or in a
    folder below with the name of the execution (AWS Data Exports user guide, "Understanding export delivery"). A
    report for Athena has its data in `REPORT/year=…/month=…/` beside the folder of the period of its manifest.
    """
    for folder in list(manifest.parents)[:2]:
        if _PARTITION.fullmatch(folder.name) and folder.parent.name == "metadata":
            return folder.parent.parent
        if _DATES.fullmatch(folder.name):
            return folder.parent
    return None


def _steps(key: object) -> tuple[str, ...]:
    """Split a key such as `s3://bucket/prefix/part-1.csv` or `prefix/part-1.csv`.

    It may start with one slash: reports without a prefix have keys such as `/report/20260901-20261001/part-1.csv`.
    """
    if not isinstance(key, str) or len(key) > _LONGEST_KEY:
        raise BillError(f"names a file with a malformed path: {quote(key)}")
    bucket = _BUCKET.match(key)
    path = (key[bucket.end() :] if bucket else key).removeprefix("/")
    steps = PurePosixPath(path).parts
    strange = not path.isprintable() or "://" in path or path.startswith("/") or _STRANGE.match(path)
    if strange or not steps or ".." in steps:
        raise BillError(f"names a file outside of its delivery: {quote(key)}")
    return (bucket[1], *steps) if bucket else steps


def refuse_repeats(keys: Sequence[object], found: Sequence[Found]) -> None:
    """Raise `BillError` if a manifest names one file twice, which would count twice, or too many files."""
    if len(keys) > MAX_FILES:
        raise BillError(f"names {len(keys)} files; a delivery may have at most {MAX_FILES}")
    seen: set[Found] = set()
    for key, each in zip(keys, found, strict=True):
        if each in seen:
            raise BillError(f"names {quote(key)} twice")
        seen.add(each)
