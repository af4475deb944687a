"""Databricks' table system.billing.usage with a column of its cost, exported.

Columns: https://docs.databricks.com/en/admin/system-tables/billing. The table itself has only quantities; the cost
comes from system.billing.list_prices.
"""

from collections.abc import Callable, Sequence
from typing import Final

from kumo.billing.context import Context
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges, one_cost
from kumo.billing.row import Row

SOURCE: Final = "databricks"
TITLE: Final = "Databricks system.billing.usage with a cost (usage_date, sku_name, usage_quantity, list_cost)"
_COSTS: Final = ("listcost", "cost", "usagecost", "totalcost", "effectivelistcost")
_SIGNS: Final = ("usagequantity", "skuname", "workspaceid", "usageunit", "billingoriginproduct", "usagemetadata")
_JOIN: Final = "join it with system.billing.list_prices, and select usage_quantity * pricing.default AS list_cost"
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("usagestarttime", "usagedate"),
    always="databricks",
    billing_account=("accountid",),
    account=("workspaceid",),
    service=("billingoriginproduct", "skuname"),
    currency=("currencycode", "currency"),
    resource=("skuname",),
    quantity=("usagequantity",),
    unit=("usageunit",),
    tags=("customtags",),
)


def recognises(headers: Headers) -> bool:
    """Recognise the table by its names for usage."""
    return headers.has(*_SIGNS) > 2  # noqa: PLR2004 - any three


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of usage with its cost; raise `BillError` with instructions if there is no cost."""
    return charges(columns, context, _FIELDS, one_cost(columns, *_COSTS, hint=_JOIN))
