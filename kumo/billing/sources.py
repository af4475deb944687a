"""The bytes of a bill: found inside gzip, zip and manifests, counted, hashed and limited."""

import gzip
import hashlib
import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, cast

from kumo.billing.errors import BillError
from kumo.billing.options import MEBIBYTE, Options

GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
PARQUET: Final = b"PAR1"
# Files sent by mistake, so that the refusal can name their type.
FOREIGN: Final = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf": "7-Zip",
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
}
_BUFFER: Final = 256 * 1024
_IN_MEMORY: Final = 8 * MEBIBYTE
# Parquet is already compressed, so packing it again gains little, and it must be unpacked to disk.
_PACKED_AGAIN: Final = 20
DAMAGED: Final = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)


class Allowance:
    """The limits of all files of one delivery together, and the amounts used so far.

    `consumed` are bytes as on disk.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.consumed = 0
        self._bytes = 0
        self._unpacked = 0
        self._packed = 0
        self._records = 0

    def spend(self, size: int, consumed: int, *, packed: bool) -> None:
        """Count decompressed bytes and the bytes on disk behind them; raise `BillError` for too many."""
        self.consumed += consumed
        self._bytes += size
        if packed:
            self._unpacked += size
            self._packed += consumed
        self.check_size(self._bytes)
        self.check_ratio(self._unpacked, self._packed, self.options.max_ratio)
        if size:
            self.options.pulse(self.consumed)

    def count(self, records: int) -> None:
        """Count records; raise `BillError` for too many."""
        self._records += records
        self.check_records(self._records)
        self.options.pulse(self.consumed)

    def check_size(self, size: int) -> None:
        """Refuse more bytes than a decompressed delivery may have."""
        if size > (most := self.options.max_bytes):
            raise BillError(f"is more than {most} bytes long when decompressed, the most allowed")

    def check_copies(self) -> None:
        """Refuse data that would fill the disk: unpacked Parquet from much smaller files."""
        self.check_ratio(self._unpacked, self._packed, _PACKED_AGAIN)

    def check_ratio(self, size: int, packed: int, most: int) -> None:
        """Refuse bytes that grow by more than this ratio."""
        if size > self.options.ratio_from and size > packed * most:
            raise BillError(f"grows more than {most} times when decompressed, which is suspicious")

    def check_records(self, records: int) -> None:
        """Refuse more records than a delivery may have."""
        if records > (most := self.options.max_records):
            raise BillError(f"has more than {most} records, the most allowed")


class Tap(io.RawIOBase):
    """A file object as a raw stream that fills a buffer and counts its bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self.count = 0

    def readable(self) -> bool:
        """Return true: it can be read."""
        return True

    def readinto(self, target: "memoryview") -> int:  # type: ignore[override]  # any buffer, in the stubs
        """Fill `target` unless the file ends first; raise `BillError` if it cannot be decompressed."""
        filled = 0
        try:
            while filled < len(target) and (data := self._file.read(len(target) - filled)):
                target[filled : filled + len(data)] = data
                filled += len(data)
        except DAMAGED as error:
            raise BillError(f"is damaged or incomplete: {error}") from error
        self.count += filled
        return filled


class Meter(Tap):
    """The decompressed bytes of one file: hashed, and checked against the limits of its delivery.

    `packed` returns how many compressed bytes were used so far, 0 for uncompressed data.
    """

    def __init__(self, file: IO[bytes], allowance: Allowance, packed: Callable[[], int]) -> None:
        super().__init__(file)
        self.max_line = 0
        self.allowance = allowance
        self._packed = packed
        self._hash = hashlib.sha256()
        self._line = 0
        self._told = 0

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the bytes read so far."""
        return self._hash.hexdigest()

    @property
    def consumed(self) -> int:
        """The number of bytes read so far, as on disk."""
        return self._packed() or self.count

    def readinto(self, target: "memoryview") -> int:  # type: ignore[override]  # any buffer, in the stubs
        """Read, hash and check; raise `BillError` for damage and exceeded limits."""
        size = super().readinto(target)
        fresh = memoryview(target)[:size]
        self._hash.update(fresh)
        consumed, told = self.consumed, self._told
        self._told = consumed
        self.allowance.spend(size, consumed - told, packed=bool(self._packed()))
        if self.max_line:
            self._check_line(fresh)
        return size

    def _check_line(self, fresh: memoryview) -> None:
        end = bytes(fresh).rfind(b"\n")
        self._line = self._line + len(fresh) if end < 0 else len(fresh) - end
        if self._line > self.max_line:
            raise BillError(f"has a line of more than {self.max_line} bytes")


class Steady(io.BufferedReader[Meter] if TYPE_CHECKING else io.BufferedReader):  # type: ignore[misc]
    """A buffer that is always filled completely: otherwise text would be hashed and checked in pieces of 8 kB."""

    read1 = io.BufferedReader.read


@dataclass(slots=True)
class Payload:
    """One data file, decompressed: `stream` starts at its first byte; `parquet`: it is seekable."""

    name: str
    stream: IO[bytes]
    meter: Meter
    parquet: bool = False


@dataclass(frozen=True, slots=True)
class FilePart:
    """One data file of a delivery, opened when it is needed; its resources are closed with the given stack.

    `is_listed`: a manifest names it; `payer` is the account of the manifest, if it has one.
    """

    name: str
    open: Callable[[ExitStack], Payload]
    is_listed: bool = False
    payer: str = ""


def unpack(file: IO[bytes], name: str, allowance: Allowance, owned: ExitStack, packed_size: int = 0) -> Payload:
    """Read the content of one file through gzip. `packed_size` is its size in its zip, if any."""
    direct = not packed_size and _seekable(file) and file.tell() == 0
    outer = Tap(file)
    buffered = io.BufferedReader(outer, _BUFFER)
    if _head(buffered).startswith(GZIP):
        unzipped = cast(IO[bytes], owned.enter_context(gzip.GzipFile(fileobj=buffered, mode="rb")))
        meter = Meter(unzipped, allowance, (lambda: packed_size) if packed_size else (lambda: outer.count))
        direct = False
    else:
        meter = Meter(buffered, allowance, lambda: packed_size)
    stream = Steady(meter, _BUFFER)
    head = _head(stream)
    _refuse_foreign(head)
    if head.startswith(PARQUET):
        return Payload(name, _whole(stream, meter, file if direct else None, owned), meter, parquet=True)
    return Payload(name, stream, meter)


def _refuse_foreign(head: bytes) -> None:
    kind = next((kind for magic, kind in FOREIGN.items() if head.startswith(magic)), "")
    if head.startswith((GZIP, ZIP)):
        raise BillError("is an archive inside an archive; unpack the outer one")
    if kind:
        raise BillError(f"is {kind}, which Kumo does not read; use CSV, Parquet or JSON, plain, in gzip or in zip")


def _whole(stream: "Steady", meter: Meter, file: IO[bytes] | None, owned: ExitStack) -> IO[bytes]:
    """Read a Parquet file once for its hash, and return a seekable file: the file itself, or a copy."""
    whole = file or _scratch(owned)
    while data := stream.read(MEBIBYTE):
        if file is None:
            meter.allowance.check_copies()
            whole.write(data)
    whole.seek(0)
    return whole


def _scratch(owned: ExitStack) -> IO[bytes]:
    return owned.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))


def _head(stream: "io.BufferedReader[Any]") -> bytes:
    return stream.peek(16)[:16]


def _seekable(file: IO[bytes]) -> bool:
    return bool(getattr(file, "seekable", lambda: False)())


def spool(file: IO[bytes], options: Options, owned: ExitStack) -> IO[bytes]:
    """Return a seekable file object: the given one, or a copy of it."""
    if _seekable(file):
        return file
    copy = _scratch(owned)
    meter = Meter(file, Allowance(options), lambda: 0)
    buffer = memoryview(bytearray(MEBIBYTE))
    while size := meter.readinto(buffer):
        copy.write(buffer[:size])
    copy.seek(0)
    return copy
