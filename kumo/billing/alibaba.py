"""Alibaba Cloud's bill details, by instance and day.

Columns: https://www.alibabacloud.com/help/en/boa/latest/detailed-file-format.
"""

from collections.abc import Callable, Sequence
from typing import Final

from kumo.billing.context import Context
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges, one_cost
from kumo.billing.row import Row

SOURCE: Final = "alibaba"
TITLE: Final = "Alibaba Cloud bill details (BillingCycle, ProductCode, PretaxAmount)"
_COSTS: Final = ("pretaxamount",)
_SIGNS: Final = ("billingcycle", "pretaxamount", "pretaxgrossamount", "productcode", "subscriptiontype", "costunit")
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("usagestarttime", "billingdate"),
    always="alibaba",
    billing_account=("accountid",),
    account=("ownerid", "accountid"),
    region=("region",),
    service=("productname", "productcode"),
    currency=("currency",),
    period=("billingcycle",),
    category=("item",),
    quantity=("usage",),
    unit=("usageunit",),
    resource=("instanceid", "productdetail"),
)


def recognises(headers: Headers) -> bool:
    """Recognise the bill by billing cycles and amounts before tax."""
    return headers.has(*_SIGNS) > 2  # noqa: PLR2004 - any three


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of bill details: the charge before tax. The order of a subscription is a purchase."""
    return charges(columns, context, _FIELDS, one_cost(columns, *_COSTS))
