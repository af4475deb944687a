"""The credits of Google's export: lists of objects, wrapped or as text, or columns with dotted names."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from kumo.billing import amounts, literals
from kumo.billing.amounts import ABSENT
from kumo.billing.errors import BillError, quote
from kumo.billing.headers import Cells, Columns, ReadAmount, ReadText, fold
from kumo.billing.row import ZERO

# The one type of credit that is not a price: free trials and other promotions. The others are discounts on usage.
# https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage
PROMOTION: Final = "PROMOTION"
# How Parquet, Avro and Hive wrap a list and its items.
_LISTS: Final = frozenset({"list", "bag", "array"})
_ITEMS: Final = frozenset({"element", "item", "array_element", "array"})

# The sum of discounts, and the sum of promotions: both are usually zero or less.
Credits = tuple[Decimal, Decimal]
NONE: Final[Credits] = (ZERO, ZERO)


def credit_reader(columns: Columns) -> Callable[[Cells], Credits]:
    """Return a reader of a record's credits: the sum of discounts, and that of promotions.

    It raises `BillError` for a cell without valid credits.
    """
    listed, name = columns.value("credits"), columns.spell("credits")
    dotted = _find_dotted(columns)

    def read(cells: Cells) -> Credits:
        value = listed(cells)
        if value and value not in ABSENT if isinstance(value, str) else value:
            return _sum(_items(value, name), name)
        total = NONE
        for amount, kind in dotted:
            total = _add(total, amount(cells) or ZERO, kind(cells))
        return total

    return read


def _find_dotted(columns: Columns) -> list[tuple[ReadAmount, ReadText]]:
    """Return readers of the columns with the amount of a credit, `credits.0.amount`, and of its type."""
    found = []
    for column in columns.starting("credits"):
        folded = fold(column)
        if folded.endswith("amount") and (amount := columns.amount(folded)):
            found.append((amount, columns.text(folded.removesuffix("amount") + "type")))
    return found


def _items(value: Any, column: str) -> list[Any]:  # noqa: ANN401 - whatever the cell holds
    try:
        found = literals.parse(value) if isinstance(value, str) else value
    except ValueError as error:
        raise BillError(f"{error}: {quote(value)}", column=column) from None
    found = _unwrap(found, _LISTS)
    return [_unwrap(item, _ITEMS) for item in (found if isinstance(found, list) else [found])]


def _unwrap(value: Any, names: frozenset[str]) -> Any:  # noqa: ANN401 - whatever the cell holds
    """Return the content of a wrapper with one field, and anything else unchanged."""
    while isinstance(value, Mapping) and len(value) == 1 and (inner := next(iter(value))) in names:
        value = value[inner]
    return value


def _sum(items: list[Any], column: str) -> Credits:
    total = NONE
    for item in items:
        if isinstance(item, Mapping) and "amount" in item:
            total = _add(total, amounts.parse(item["amount"], column) or ZERO, str(item.get("type") or ""))
        elif isinstance(item, (Decimal, int, float)) and len(items) == 1:
            total = _add(total, amounts.parse(item, column) or ZERO, "")
        else:
            raise BillError(f"is not a list of credits: {quote(item)}", column=column)
    return total


def _add(total: Credits, amount: Decimal, kind: str) -> Credits:
    discounts, promotions = total
    if kind.strip().upper() == PROMOTION:
        return discounts, amounts.add(promotions, amount)
    return amounts.add(discounts, amount), promotions
