"""CSV as it really comes: comma, semicolon or tab, titles above the header, Spark's quotes, a decimal comma."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final

from kumo.billing.errors import BillError
from kumo.billing.headers import Columns, Headers
from kumo.billing.options import Options
from kumo.billing.sources import Payload
from kumo.billing.texts import clean, decode, undecodable

_DELIMITERS: Final = ",;\t"
_ENDS: Final = "\r\n"
# Azure's enterprise downloads have a title and an empty line above the header; no known file has more than a few.
_PREAMBLE_LINES: Final = 20
_ESCAPED_QUOTE: Final = '\\"'


class CsvTable:
    """A file of comma-separated values, read line by line, with each cell as text.

    `row` is the line at which the last record ends. `is_header` recognises the header below titles.
    """

    def __init__(self, payload: Payload, options: Options, is_header: Callable[[Headers], bool]) -> None:
        payload.meter.max_line = options.max_line
        self.row = 0
        self.times = 1
        self._preamble = 0
        self._escapes = False
        self._is_whole = True
        self._fed: list[tuple[int, str]] = []
        self._text = decode(payload)
        self._lines = self._read_lines()
        try:
            headers = self._find_header(is_header)
        except UnicodeDecodeError as error:
            raise undecodable(error, 0) from None
        except csv.Error as error:
            raise BillError(f"is not CSV: {error}", row=self.row) from error
        self.columns = Columns(headers, decimal_comma=self._delimiter != ",")

    @property
    def remarks(self) -> list[str]:
        """Notes about how the file was read."""
        said = {
            f"{self._preamble} lines above the header were left out": self._preamble,
            "quotes are escaped by a backslash, as Spark writes them": self._escapes,
            "amounts have a decimal comma": self.columns.has_decimal_comma,
        }
        return [text for text, holds in said.items() if holds]

    def records(self) -> Iterator[Sequence[str]]:
        """Yield the records; skip blank lines, refuse ragged ones.

        Cells after the last one that is read may be one piece of text.
        """
        width, delimiter = len(self.columns.headers.raw), self._delimiter
        last = width if self.columns.last is None else self.columns.last + 1
        try:
            for line in self._lines:
                # Most lines have no quote, and splitting one takes half the time of a csv.reader.
                if '"' not in line and last < width and line.count(delimiter) == width - 1:
                    yield line.split(delimiter, last)
                    continue
                cells = self._read_record(line) if '"' in line else line.rstrip(_ENDS).split(delimiter)
                if len(cells) == width:
                    yield cells
                elif line.rstrip(_ENDS):
                    yield self._fit(cells)
        except UnicodeDecodeError as error:
            raise undecodable(error, self.row) from None
        except csv.Error as error:
            raise BillError(f"is not CSV: {error}") from error

    def _read_lines(self) -> Iterator[str]:
        for self.row, line in enumerate(self._text, 1):  # noqa: B020 - where it stands is asked meanwhile
            self._is_whole = line[-1] in _ENDS
            yield clean(line)

    def _find_header(self, is_header: Callable[[Headers], bool]) -> Headers:
        """Return the first line that is a header, or else the first line."""
        first: tuple[Headers, str] | None = None
        for line in self._lines:
            if not line.strip():
                continue
            self._delimiter = _delimiter(line)
            self._reader = self._new_reader()
            headers = Headers(self._parse(line))
            if is_header(headers):
                self._preamble = self.row - 1 if first else 0
                return headers
            first = first or (headers, self._delimiter)
            if self.row >= _PREAMBLE_LINES:
                break
        if first is None:
            raise BillError("is empty: it has not even a header")
        headers, self._delimiter = first
        return headers

    def _read_record(self, line: str) -> Sequence[str]:
        """Read a record that begins with this line, with or without a backslash before its quotes."""
        error: csv.Error | None = None
        cells: Sequence[str] = []
        try:
            cells = self._parse(line)
        except csv.Error as found:
            error = found
        whole = len(cells) == len(self.columns.headers.raw)
        if whole or self._escapes or not any(_ESCAPED_QUOTE in each for _, each in self._fed):
            if error:
                raise error
            return cells
        return self._read_escaped(cells, error)

    def _read_escaped(self, cells: Sequence[str], error: csv.Error | None) -> Sequence[str]:
        """Read the lines of the last record again, with a backslash before a quote as an escape, as Spark writes them.

        If that gives a complete record, all later ones are read so; else the record stays as it was.
        """
        taken, rest = self._fed, self._lines
        self._lines, self._escapes = chain(self._feed_again(taken), rest), True
        self._reader = self._new_reader()
        with suppress(csv.Error):
            again = self._parse(next(self._lines))
            if len(again) == len(self.columns.headers.raw):
                return again
        self._escapes = False
        if error:
            raise error
        return cells

    def _feed_again(self, taken: Sequence[tuple[int, str]]) -> Iterator[str]:
        for self.row, line in taken:
            yield line

    def _new_reader(self) -> Iterator[list[str]]:
        if self._escapes:
            return csv.reader(self._feed(), delimiter=self._delimiter, strict=True, doublequote=False, escapechar="\\")
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _parse(self, line: str) -> Sequence[str]:
        """Read a record that begins with this line and continues while its quotes are open."""
        self._begun = line
        self._fed.clear()
        return next(self._reader)

    def _feed(self) -> Iterator[str]:
        """Yield the line that a record begins with, then the ones after it."""
        while line := self._begun or next(self._lines, ""):
            self._begun = ""
            self._fed.append((self.row, line))
            yield line

    def _fit(self, cells: Sequence[str]) -> Sequence[str]:
        """Return a record with as many cells as the header; raise `BillError` unless only empty ones differ.

        Some writers leave out empty cells at the end of a line. A line that may be incomplete is refused, and so is
        one without a required cell.
        """
        width = len(self.columns.headers.raw)
        if len(cells) > width and not any(cells[width:]):
            return cells[:width]
        if self._is_whole and max(self.columns.needed, default=width) < len(cells) < width:
            return [*cells, *[""] * (width - len(cells))]
        header = self.columns.headers.raw
        column = header[len(cells)] if len(cells) < width else header[-1]
        raise BillError(f"has {len(cells)} fields where the header has {width}", column=column)


def _delimiter(line: str) -> str:
    """Return the delimiter that gives the header the most fields; a comma in case of a tie."""
    return max(_DELIMITERS, key=lambda sign: len(next(csv.reader([line], delimiter=sign))))
