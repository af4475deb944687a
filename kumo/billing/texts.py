"""The text of a file, in any Unicode encoding with a byte order mark."""

import codecs
import io
from typing import Final

from kumo.billing.errors import BillError
from kumo.billing.sources import Payload

# UTF-32 first: its little-endian mark starts with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARK: Final = "\ufeff"
_NUL: Final = "\0"


def decode(payload: Payload) -> io.TextIOWrapper:
    """Return the text of a file: UTF-8 unless a byte order mark says otherwise."""
    assert isinstance(payload.stream, io.BufferedReader)
    head = payload.stream.peek(64)[:64]
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in head:
        raise BillError("is not text: binary, or UTF-16 without a byte order mark")
    return io.TextIOWrapper(payload.stream, encoding=encoding, newline="")


def undecodable(error: UnicodeDecodeError, lines: int) -> BillError:
    """Return the refusal of a byte that the encoding does not have, after this number of lines."""
    row = lines + 1 + error.object[: error.start].count(b"\n")
    byte = error.object[error.start]
    return BillError(f"is not {error.encoding.upper()}: byte 0x{byte:02x} ({error.reason}); save it as UTF-8", row=row)


def clean(line: str) -> str:
    """Return a line without byte order marks, which Azure repeats above its first row; refuse NUL bytes."""
    if _NUL in line:
        raise BillError("contains a NUL byte, which is not allowed in text")
    return line.replace(_MARK, "") if _MARK in line else line
