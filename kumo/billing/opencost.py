"""OpenCost: its CSV export and the answers of its allocation API."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges, note_long_periods
from kumo.billing.row import ZERO, Row

SOURCE: Final = "opencost"
TITLE: Final = "OpenCost CSV export and allocation JSON (Date, Namespace, TotalCost; properties.namespace, totalCost)"
_SIGNS: Final = (
    *("namespace", "controllername", "controllerkind", "pod", "container", "propertiesnamespace", "propertiescluster"),
    *("totalcost", "cpucost", "ramcost", "gpucost", "pvcost", "windowstart"),
)
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("date", "windowstart", "start"),
    always="kubernetes",
    billing_account=("cluster", "clusterid", "propertiescluster"),
    account=("cluster", "clusterid", "propertiescluster"),
    service=("namespace", "propertiesnamespace", "name"),
    currency=("currency",),
    resource=(
        *("controllername", "propertiescontroller", "pod", "propertiespod"),
        *("container", "propertiescontainer", "name"),
    ),
    tags=("labels", "propertieslabels"),
)


def recognises(headers: Headers) -> bool:
    """Recognise OpenCost by Kubernetes words and its costs."""
    return headers.has(*_SIGNS) > 3 or headers.has("namespace", "totalcost") > 1  # noqa: PLR2004 - any four


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of allocations. No file has a currency, and the CSV has no cluster."""
    cost = columns.amount("totalcost")
    if cost is None:
        raise BillError("has no column for the amount; looked for TotalCost")
    note_long = note_long_periods(columns, context, "windowstart", "windowend")

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        amount = cost(cells)
        if amount is None:
            return None
        note_long(cells)
        return amount, amount, ZERO

    return charges(columns, context, _FIELDS, costs)
