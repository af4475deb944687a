"""OpenCost's cloudCost: bills of clouds, as OpenCost has read them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges, note_long_periods
from kumo.billing.row import ZERO, Row

SOURCE: Final = "opencost_cloud"
TITLE: Final = "OpenCost cloudCost JSON (properties.provider, window, amortizedNetCost)"
_AMORTIZED: Final = ("amortizednetcostcost", "amortizedcostcost", "netcostcost")
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("windowstart",),
    provider=("propertiesprovider",),
    billing_account=("propertiesinvoiceentityid",),
    account=("propertiesaccountid", "propertiesinvoiceentityid"),
    region=("propertiesregionid",),
    service=("propertiesservice", "propertiescategory", "name"),
    currency=("currency",),
    resource=("propertiesproviderid",),
    tags=("propertieslabels",),
)


def recognises(headers: Headers) -> bool:
    """Recognise cloud costs by amounts that are objects with a cost inside."""
    return headers.has(*_AMORTIZED, "invoicedcostcost", "listcostcost") > 1


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of cloud costs: amortized and net of discounts. No answer has a currency."""
    amortized, billed = columns.amount(*_AMORTIZED), columns.amount("invoicedcostcost")
    if amortized is None:
        raise BillError("has no column for the amount; looked for amortizedNetCost")
    note_long = note_long_periods(columns, context, "windowstart", "windowend")

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        amount = amortized(cells)
        if amount is None:
            return None
        note_long(cells)
        invoiced = billed(cells) if billed else None
        return amount, amount if invoiced is None else invoiced, ZERO

    return charges(columns, context, _FIELDS, costs)
