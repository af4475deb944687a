"""The files of a delivery: one file, the files in a zip, or those in a manifest."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import IO

from kumo.billing import archives, manifests
from kumo.billing.errors import BillError, quote
from kumo.billing.files import BillFile
from kumo.billing.sources import EMPTY_ZIP, ZIP, Allowance, FilePart, Payload, spool, unpack


def parts_of(
    source: IO[bytes] | BillFile | Sequence[BillFile], name: str, allowance: Allowance, owned: ExitStack
) -> list[FilePart]:
    """Return the data files, in order; opened files are closed with `owned`.

    A manifest that is a file names files beside it; one in a zip names files of the zip. A manifest in a stream names
    none.
    """
    file: IO[bytes]
    if isinstance(source, Sequence):
        return [part for each in source for part in parts_of(each, each.path.name, allowance, owned)]
    if isinstance(source, BillFile):
        file = owned.enter_context(source.open())
        if document := manifests.read_document(file):
            return _list_parts(source, document, allowance)
        file.seek(0)
    else:
        file = source
    head = _peek(file)
    if head is None:
        file = spool(file, allowance.options, owned)
        head = _peek(file) or b""
    if head.startswith((ZIP, EMPTY_ZIP)):
        return archives.parts_of(file, name, allowance, owned)
    return [FilePart(name, lambda opened: unpack(file, name, allowance, opened))]


def _peek(file: IO[bytes]) -> bytes | None:
    """Return the first bytes of a seekable file, else None."""
    if not getattr(file, "seekable", lambda: False)():
        return None
    start = file.tell()
    head = file.read(16)
    file.seek(start)
    return head


def _list_parts(manifest: BillFile, document: object, allowance: Allowance) -> list[FilePart]:
    keys, payer = manifests.names_in(document), manifests.payer_in(document)
    try:
        found = [_beside(manifest, key) for key in keys[: manifests.MAX_FILES + 1]]
        manifests.refuse_repeats(keys, found)
    except BillError as error:
        raise error.at(manifest.path.name) from None
    return [replace(_part(file, allowance), payer=payer) for file in found]


def _beside(manifest: BillFile, key: object) -> BillFile:
    if file := manifest.beside(key):
        return file
    raise BillError(f"names {quote(key)}, which is not beside it")


def _part(file: BillFile, allowance: Allowance) -> FilePart:
    return FilePart(file.path.name, lambda opened: _open_listed(file, allowance, opened), is_listed=True)


def _open_listed(file: BillFile, allowance: Allowance, opened: ExitStack) -> Payload:
    """Open a file of a manifest. On request, AWS packs each file of a report in its own zip."""
    name, stream = file.path.name, opened.enter_context(file.open())
    if (_peek(stream) or b"").startswith(ZIP):
        return archives.open_only(stream, name, allowance, opened)
    return unpack(stream, name, allowance, opened)
