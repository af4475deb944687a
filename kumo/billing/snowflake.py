"""Snowflake's view ORGANIZATION_USAGE.USAGE_IN_CURRENCY_DAILY, exported.

Columns: https://docs.snowflake.com/en/sql-reference/organization-usage/usage_in_currency_daily.
"""

from collections.abc import Callable, Sequence
from typing import Final

from kumo.billing.context import Context
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges, one_cost
from kumo.billing.row import Row

SOURCE: Final = "snowflake"
TITLE: Final = "Snowflake USAGE_IN_CURRENCY_DAILY (USAGE_DATE, USAGE_IN_CURRENCY)"
_COSTS: Final = ("usageincurrency",)
_SIGNS: Final = ("usageincurrency", "usagedate", "accountlocator", "contractnumber", "ratingtype", "servicetype")
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("usagedate",),
    always="snowflake",
    billing_account=("organizationname", "contractnumber"),
    account=("accountname", "accountlocator"),
    region=("region",),
    service=("servicetype", "usagetype"),
    currency=("currency",),
    category=("billingtype",),
    charge_class=("isadjustment",),
    resource=("usagetype",),
)


def recognises(headers: Headers) -> bool:
    """Recognise the view by its names for usage and accounts."""
    return headers.has(*_SIGNS) > 2  # noqa: PLR2004 - any three


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of daily usage."""
    return charges(columns, context, _FIELDS, one_cost(columns, *_COSTS))
