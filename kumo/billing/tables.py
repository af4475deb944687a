"""A bill as columns and records, whatever holds it."""

from collections.abc import Iterator
from typing import Protocol

from kumo.billing.headers import Cells, Columns


class Table(Protocol):
    """What readers of formats see of a file: ask `columns` first, then read `records` once."""

    columns: Columns
    # How many records the one read last stands for.
    times: int

    @property
    def row(self) -> int:
        """Where the record read last stands: its line, or its number where there are no lines."""

    @property
    def remarks(self) -> list[str]:
        """What a person should know about how the file was read, known once all records are."""

    def records(self) -> Iterator[Cells]:
        """Yield the cells of one record after another; raises `BillError`."""
