"""CSV as it really comes: any Unicode encoding that says so, comma, semicolon or tab."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from kumo.billing.errors import BillError
from kumo.billing.headers import Columns, Headers
from kumo.billing.options import Options
from kumo.billing.sources import Payload

# UTF-32 first: its little-endian mark starts with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = ",;\t"
_ENDS: Final = "\r\n"


def decoded(payload: Payload) -> io.TextIOWrapper:
    """Return the text of a file: UTF-8 unless a byte order mark says otherwise."""
    assert isinstance(payload.stream, io.BufferedReader)
    head = payload.stream.peek(64)[:64]
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in head:
        raise BillError("is not text: binary, or UTF-16 without the byte order mark that says so")
    return io.TextIOWrapper(payload.stream, encoding=encoding, newline="")


def undecodable(error: UnicodeDecodeError, lines: int) -> BillError:
    """Word the refusal of a byte that the encoding does not have, after so many lines that were read."""
    row = lines + 1 + error.object[: error.start].count(b"\n")
    byte = error.object[error.start]
    return BillError(f"is not {error.encoding.upper()}: byte 0x{byte:02x} ({error.reason}); save it as UTF-8", row=row)


class CsvTable:
    """A file of comma-separated values, read line by line, every cell as the text that stands there.

    `row` is the line that the record read last ends on.
    """

    def __init__(self, payload: Payload, options: Options) -> None:
        payload.meter.max_line = options.max_line
        self.row = 0
        self._text = decoded(payload)
        self._lines = self._counted()
        self._begun = ""
        try:
            self._begun = first = next((line for line in self._lines if line.strip()), "")
            if not first:
                raise BillError("is empty: it has not even a header")
            self._delimiter = _delimiter(first)
            self._reader = csv.reader(self._fed(), delimiter=self._delimiter, strict=True)
            header = next(self._reader)
        except UnicodeDecodeError as error:
            raise undecodable(error, 0) from None
        except csv.Error as error:
            raise BillError(f"is not CSV: {error}", row=1) from error
        self.columns = Columns(Headers(header))

    def records(self) -> Iterator[Sequence[str]]:
        """Yield one record after another; blank lines are none, and a ragged one is refused."""
        width, delimiter = len(self.columns.headers.raw), self._delimiter
        try:
            for line in self._lines:
                # Most lines have no quote, and to split one takes half the time that a csv.reader takes.
                cells = self._quoted(line) if '"' in line else line.rstrip(_ENDS).split(delimiter)
                if len(cells) == width:
                    yield cells
                elif line.rstrip(_ENDS):
                    raise self._ragged(cells)
        except UnicodeDecodeError as error:
            raise undecodable(error, self.row) from None
        except csv.Error as error:
            raise BillError(f"is not CSV: {error}") from error

    def _counted(self) -> Iterator[str]:
        for self.row, line in enumerate(self._text, 1):  # noqa: B020 - where it stands is asked meanwhile
            yield line

    def _quoted(self, line: str) -> Sequence[str]:
        """Read a record that begins with this line and may go on in the ones after it."""
        self._begun = line
        return next(self._reader)

    def _fed(self) -> Iterator[str]:
        """Yield the line that a record begins with, then as many more as its quotes need."""
        while line := self._begun or next(self._lines, ""):
            self._begun = ""
            yield line

    def _ragged(self, cells: Sequence[str]) -> BillError:
        header = self.columns.headers.raw
        column = header[len(cells)] if len(cells) < len(header) else header[-1]
        return BillError(f"has {len(cells)} fields where the header has {len(header)}", column=column)


def _delimiter(line: str) -> str:
    """Return the delimiter that gives the header the most fields, a comma where none does better."""
    return max(_DELIMITERS, key=lambda sign: len(next(csv.reader([line], delimiter=sign))))
