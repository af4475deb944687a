"""Any table, read with a map of its columns from the user."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from kumo.billing.column_map import AMOUNT, TIMESTAMP, ColumnMap
from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers, fold
from kumo.billing.lines import Fields, Names, charges
from kumo.billing.providers import provider
from kumo.billing.row import ZERO, Line, Row


class MappedFormat:
    """The format of a file with a column map."""

    SOURCE: Final = "table"
    TITLE: Final = "a table whose columns are named by a map"

    def __init__(self, column_map: ColumnMap) -> None:
        """Read tables with this map."""
        self._columns = column_map.columns
        self._constants = column_map.constants

    def recognises(self, headers: Headers) -> bool:
        """Return whether all columns of the map exist."""
        return all(fold(column) in headers.folded for column in self._columns.values())

    def mapping(self, columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
        """Return a reader of records; raise `BillError` if a column of the map is missing."""
        for name, column in self._columns.items():
            if not columns.places(fold(column)):
                raise BillError(f"has no column {column!r}, which the map names for {name}")
        given = context.options
        context.options = replace(
            given,
            currency=self._constants.get("currency", given.currency),
            account=self._constants.get("account", given.account),
        )
        read = charges(columns, context, self._fields(), self._costs(columns))
        complete = self._completer()

        def rows(cells: Cells) -> Sequence[Row]:
            return [row._replace(line=complete(row.line)) for row in read(cells)]

        return rows if self._constants.keys() - {"currency", "account"} else read

    def _fields(self) -> Fields:
        return Fields(
            source=self.SOURCE,
            date=self._name_column(TIMESTAMP),
            provider=self._name_column("provider"),
            billing_account=self._name_column("billing_account"),
            account=self._name_column("account"),
            region=self._name_column("region"),
            service=self._name_column("service"),
            currency=self._name_column("currency"),
            period=self._name_column("period"),
            category=self._name_column("category"),
            resource=self._name_column("resource"),
            tags=self._name_column("tags"),
            quantity=self._name_column("quantity"),
            unit=self._name_column("unit"),
        )

    def _name_column(self, name: str) -> Names:
        return (fold(self._columns[name]),) if name in self._columns else ()

    def _costs(self, columns: Columns) -> Callable[[Cells], tuple[Decimal, Decimal, Decimal] | None]:
        amount = columns.amount(fold(self._columns[AMOUNT]))
        billed = columns.amount(fold(self._columns.get("billed", self._columns[AMOUNT])))
        assert amount is not None
        assert billed is not None

        def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
            cost = amount(cells)
            if cost is None:
                return None
            invoiced = billed(cells)
            return cost, cost if invoiced is None else invoiced, ZERO

        return costs

    def _completer(self) -> Callable[[Line], Line]:
        """Return a function that adds the values that are the same for all rows."""
        same = {name: text for name, text in self._constants.items() if name in Line._fields}
        if "provider" in same:
            same["provider"] = provider(same["provider"])
        return lru_cache(maxsize=20_000)(lambda line: line._replace(**same))
