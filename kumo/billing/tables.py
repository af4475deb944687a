"""A bill as columns and records, for every file type."""

from collections.abc import Iterator
from typing import Protocol

from kumo.billing.headers import Cells, Columns


class Table(Protocol):
    """The interface of a file for readers of formats: use `columns` first, then read `records` once."""

    columns: Columns
    # The number of records that the last one represents.
    times: int

    @property
    def row(self) -> int:
        """The place of the last record: its line, or its number if there are no lines."""

    @property
    def remarks(self) -> list[str]:
        """Notes about how the file was read, complete once all records are read."""

    def records(self) -> Iterator[Cells]:
        """Yield the cells of the records; raise `BillError`."""
