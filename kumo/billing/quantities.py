"""Used quantities. No sum of money depends on them, so an unreadable one gives a note, not a refusal."""

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Final

from kumo.billing.context import Context
from kumo.billing.headers import NOT_A_NUMBER, Cells, Columns, together
from kumo.billing.row import Line

# A quantity and its unit.
Used = tuple[Decimal | None, str]
NOTHING_USED: Final[Used] = (None, "")
_CACHED: Final = 20_000


def quantity_reader(
    columns: Columns, context: Context, quantities: Sequence[str], units: Sequence[str], used_by: frozenset[str]
) -> Callable[[Cells, Line], Used]:
    """Return a reader of a record's quantity and unit; with `used_by`, only for charges of these categories."""
    quantity, unit = columns.quantity(*quantities), columns.text(*units)
    if quantity is None:
        return lambda _, __: NOTHING_USED
    pick = together([*columns.places(*quantities), *columns.find(*units)])
    known: dict[Hashable, Used] = {}

    def read_used(cells: Cells, line: Line) -> Used:
        if used_by and line.category not in used_by:
            return NOTHING_USED
        key = pick(cells)
        try:
            found = known.get(key)
        except TypeError:  # JSON and Parquet may have a list instead of a number
            key, found = (), None
        if found is None:
            if len(known) >= _CACHED:
                known.clear()
            found = known[key] = quantity(cells), unit(cells)
            if found[0] is NOT_A_NUMBER:
                context.note("a quantity is not readable; the quantity of its day is unknown")
        return found

    return read_used
