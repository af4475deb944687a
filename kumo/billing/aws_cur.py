"""AWS Cost and Usage Reports: legacy (lineItem/UsageType) and 2.0 or Athena style (line_item_usage_type)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from kumo.billing.aws_amortized import read_amortized
from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges
from kumo.billing.row import ZERO, Row
from kumo.billing.tag_columns import tag_columns

SOURCE: Final = "aws_cur"
TITLE: Final = "AWS Cost and Usage Report, legacy and 2.0 (lineItem/UnblendedCost or line_item_unblended_cost)"
_SIGNS: Final = (
    *("lineitemusagestartdate", "lineitemunblendedcost", "lineitemusageaccountid", "lineitemproductcode"),
    *("lineitemlineitemtype", "identitylineitemid", "billpayeraccountid", "lineitemusagetype"),
)
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("lineitemusagestartdate",),
    always="aws",
    billing_account=("billpayeraccountid",),
    account=("lineitemusageaccountid", "billpayeraccountid"),
    region=("productregion", "productregioncode"),
    region_map=("product", ("region", "regioncode")),
    service=("lineitemproductcode", "productservicecode", "productproductname"),
    currency=("lineitemcurrencycode",),
    period=("billbillingperiodstartdate",),
    category=("lineitemlineitemtype",),
    resource=("lineitemresourceid", "lineitemusagetype", "lineitemlineitemdescription"),
    tags=("resourcetags",),
    quantity=("lineitemusageamount",),
    unit=("pricingunit",),
    # Negations and discounts repeat the quantity of their usage.
    used_by=frozenset({"", "Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"}),
)
_USER_TAG: Final = ("resourceTags/user:", "resource_tags_user_", "resourceTags/", "resource_tags_")


def recognises(headers: Headers) -> bool:
    """Recognise a CUR by the categories at the start of its names."""
    return headers.has(*_SIGNS) > 1


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of line items: amortized cost, and the invoiced amount, net of discounts if the file has that."""
    unblended = columns.amount("lineitemunblendedcost")
    if unblended is None:
        raise BillError("has no column for the amount; looked for lineItem/UnblendedCost")
    net = columns.amount("lineitemnetunblendedcost")
    kind, amount = columns.text("lineitemlineitemtype"), read_amortized(columns, context)

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        cost = unblended(cells)
        if cost is None:
            return None
        invoiced = net(cells) if net else None
        return amount(cells, kind(cells), cost), cost if invoiced is None else invoiced, ZERO

    return charges(columns, context, _FIELDS, costs, tag_columns(columns, context, "resourcetags", _tag_name))


def _tag_name(header: str) -> str:
    prefix = next((prefix for prefix in _USER_TAG if header.startswith(prefix)), "")
    return header.removeprefix(prefix)
