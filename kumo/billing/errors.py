"""The error of reading a bill."""

from typing import Self

from kumo.errors import KumoError


class BillError(KumoError):
    """A bill cannot be read; nothing of it may be used.

    Names the `file`, the `row` (the line of a CSV or NDJSON file, where the header is row 1; else the number of the
    record) and the `column` as spelled in the file. Unknown parts are None or empty.
    """

    def __init__(self, detail: str, file: str = "", row: int | None = None, column: str = "") -> None:
        """Keep the parts, so that a caller can show them separately."""
        self.detail, self.file, self.row, self.column = detail, file, row, column
        super().__init__(detail)

    def __reduce__(self) -> tuple[type["BillError"], tuple[str, str, int | None, str]]:
        """Rebuild from the parts: the default would pass only the detail."""
        return type(self), (self.detail, self.file, self.row, self.column)

    def __str__(self) -> str:
        """Write it as text for people: `july.csv, row 3, column Cost: is not a number`."""
        row = "" if self.row is None else f"row {self.row}"
        column = f"column {self.column}" if self.column else ""
        place = ", ".join(part for part in (self.file, row, column) if part)
        return f"{place}: {self.detail}" if place else self.detail

    def at(self, file: str, row: int | None = None) -> Self:
        """Add the place, unless a deeper place has set it already."""
        self.file = self.file or file
        self.row = row if self.row is None else self.row
        return self


def quote(value: object) -> str:
    """Quote a value of the file for an error, shortened so that a huge cell does not give a huge message."""
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")  # noqa: PLR2004 - what fits on a line
