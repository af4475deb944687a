"""Manifests: which files make up one delivery, and where in the delivery they may lie."""

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
# What S3 allows, in letters.
_LONGEST_KEY: Final = 1024
_BUCKET: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://([A-Za-z0-9][A-Za-z0-9._-]*)/")
# A drive of Windows, its separator, and letters that are written as others.
_STRANGE: Final = re.compile(r"[A-Za-z]:|.*(\\|%[0-9A-Fa-f]{2})", re.DOTALL)
_DATES: Final = re.compile(r"\d{8}-\d{8}")
_PARTITION: Final = re.compile(r"\w+=.+")

Found = TypeVar("Found", bound=Hashable)


def names_in(document: object) -> list[object]:
    """Return the files that a manifest lists, or none where the document is no manifest.

    A legacy CUR names `reportKeys`, AWS Data Exports `dataFiles`, Azure `blobs` with a `blobName` each.
    """
    match document:
        case {"reportKeys": [*names]} | {"dataFiles": [*names]}:
            return names
        case {"blobs": [*blobs]}:
            return [blob["blobName"] for blob in blobs if isinstance(blob, Mapping) and "blobName" in blob]
    return []


def payer_in(document: object) -> str:
    """Return the account that a report of AWS is of, as its manifest says; empty where it names none.

    Where that is the account that pays, the report has all of its accounts. A Data Export may leave some out: it is a
    query.
    """
    match document:
        case {"reportKeys": [*_], "account": str(account)}:
            return account
    return ""


def read_document(file: IO[bytes], most: int = MAX_MANIFEST) -> object:
    """Return what a manifest says, or None where the file is none; reads about `most` bytes of it at most.

    Records of JSON, one a line, are told by their first line. Raises what reading raises.
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
    """Yield where a file that a manifest names may lie, from the root of the delivery, as the manifest's path is.

    Buckets are copied with more or less of the path that the key has. Raises `BillError` for a key that is no plain
    path, or leads upwards.
    """
    steps = _steps(key)
    tails = [steps[first:] for first in range(len(steps))]
    yield from (manifest.parent.joinpath(*tail) for tail in tails)
    if export := export_folder(manifest):
        yield from (export.joinpath(*tail) for tail in tails if any(map(_PARTITION.fullmatch, tail[:-1])))


def export_folder(manifest: PurePosixPath) -> PurePosixPath | None:
    """Return the folder of a whole export of AWS where the manifest lies as in one, else None.

    A Data Export has its data in `data/BILLING_PERIOD=…/` and its manifest in `metadata/BILLING_PERIOD=…/`, or in a
    folder below that is called like the execution (AWS Data Exports user guide, "Understanding export delivery"). A
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

    One slash may come first: reports without a prefix have keys such as `/report/20260901-20261001/part-1.csv`.
    """
    if not isinstance(key, str) or len(key) > _LONGEST_KEY:
        raise BillError(f"names a file in a way that is none: {quote(key)}")
    bucket = _BUCKET.match(key)
    path = (key[bucket.end() :] if bucket else key).removeprefix("/")
    steps = PurePosixPath(path).parts
    strange = not path.isprintable() or "://" in path or path.startswith("/") or _STRANGE.match(path)
    if strange or not steps or ".." in steps:
        raise BillError(f"names a file outside of its delivery: {quote(key)}")
    return (bucket[1], *steps) if bucket else steps


def refuse_repeats(keys: Sequence[object], found: Sequence[Found]) -> None:
    """Raise `BillError` where a manifest names one file twice, which would count twice, or more files than any has."""
    if len(keys) > MAX_FILES:
        raise BillError(f"names {len(keys)} files, and {MAX_FILES} are the most of one delivery")
    seen: set[Found] = set()
    for key, each in zip(keys, found, strict=True):
        if each in seen:
            raise BillError(f"names {quote(key)} twice")
        seen.add(each)
