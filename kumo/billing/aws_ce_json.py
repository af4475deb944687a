"""The output of `aws ce get-cost-and-usage`, the answer of Cost Explorer's API."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges, note_long_periods
from kumo.billing.row import ZERO, Row

# The same source as its CSV download: both have the same costs.
SOURCE: Final = "aws_ce"
TITLE: Final = "AWS Cost Explorer JSON (ResultsByTime, TimePeriod, Metrics), as `aws ce get-cost-and-usage` prints it"
# The first requested metric is judged; unblended is the invoiced one.
_AMORTIZED: Final = ("netamortizedcost", "amortizedcost", "netunblendedcost", "unblendedcost", "blendedcost")
_BILLED: Final = ("netunblendedcost", "unblendedcost")
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("timeperiodstart",),
    always="aws",
    account=("linkedaccount",),
    region=("region",),
    service=("service",),
    currency=tuple(f"metrics{name}unit" for name in _AMORTIZED),
    category=("recordtype",),
    resource=("resourceid", "usagetype", "operation"),
    tags=("tags",),
)


def recognises(headers: Headers) -> bool:
    """Recognise the answer by its periods and metrics."""
    return headers.has("timeperiodstart", "metrics") == 2  # noqa: PLR2004 - both


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of groups."""
    amortized = columns.amount(*_amounts(columns, _AMORTIZED))
    billed = columns.amount(*_amounts(columns, _BILLED))
    if amortized is None:
        raise BillError("has no cost metric; request --metrics AmortizedCost UnblendedCost")
    note_long = note_long_periods(columns, context, "timeperiodstart", "timeperiodend")

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        amount = amortized(cells)
        if amount is None:
            return None
        note_long(cells)
        invoiced = billed(cells) if billed else None
        return amount, amount if invoiced is None else invoiced, ZERO

    return charges(columns, context, _FIELDS, costs)


def _amounts(columns: Columns, metrics: Sequence[str]) -> list[str]:
    """Return the columns of those metrics that the first record has; all records have the same."""
    names = [f"metrics{metric}amount" for metric in metrics]
    return [name for name in names if columns.headers.has(name)]
