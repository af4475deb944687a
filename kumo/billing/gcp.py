"""Google Cloud's billing export to BigQuery, standard and detailed: nested JSON, Parquet, or CSV with dotted names."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from kumo.billing import amounts, literals
from kumo.billing.amounts import ABSENT
from kumo.billing.context import Context
from kumo.billing.errors import BillError, shown
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges
from kumo.billing.row import ZERO, Row

SOURCE: Final = "gcp"
TITLE: Final = "Google Cloud billing export from BigQuery (usage_start_time, service.description, cost, credits)"
_SIGNS: Final = (
    *("usagestarttime", "usageendtime", "servicedescription", "skudescription", "projectid", "exporttime"),
    *("billingaccountid", "invoicemonth", "currencyconversionrate"),
)
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("usagestarttime",),
    always="gcp",
    billing_account=("billingaccountid",),
    account=("projectid", "billingaccountid"),
    region=("locationregion", "locationlocation"),
    service=("servicedescription", "serviceid"),
    currency=("currency",),
    period=("invoicemonth",),
    category=("costtype",),
    resource=("resourceglobalname", "resourcename", "skudescription", "skuid"),
    tags=("labels",),
)


def recognises(headers: Headers) -> bool:
    """Tell the export by names that no other has three of; nulls, and columns of nulls, may be missing."""
    return headers.has(*_SIGNS) > 2  # noqa: PLR2004 - FOCUS and Azure have a billing account too


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Make a reader of records. The amount is the cost with its credits, which may bring it below zero."""
    cost = columns.amount("cost")
    if cost is None:
        raise BillError("has no column for the amount; looked for cost")
    credit = _credits(columns)

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        before = cost(cells)
        if before is None:
            return None
        credited = credit(cells)
        net = amounts.add(before, credited)
        return net, net, credited

    return charges(columns, context, _FIELDS, costs)


def _credits(columns: Columns) -> Callable[[Cells], Decimal]:
    """Make a reader of the sum of a row's credits: a list of objects, that list as text, or a column of amounts."""
    flat = columns.amount("creditsamount")
    listed, name = columns.value("credits"), columns.named("credits")

    def read(cells: Cells) -> Decimal:
        value = listed(cells)
        if value and value not in ABSENT if isinstance(value, str) else value:
            return _sum(value, name)
        return (flat(cells) if flat else None) or ZERO

    return read


def _sum(value: Any, column: str) -> Decimal:  # noqa: ANN401 - whatever the cell holds
    try:
        items = literals.parse(value) if isinstance(value, str) else value
    except ValueError as error:
        raise BillError(f"{error}: {shown(value)}", column=column) from None
    if isinstance(items, (Decimal, int, float)):
        return amounts.parse(items, column) or ZERO
    total = ZERO
    for item in items if isinstance(items, list) else [items]:
        if not isinstance(item, dict):
            raise BillError(f"is not a list of credits: {shown(value)}", column=column)
        total = amounts.add(total, amounts.parse(item.get("amount"), column) or ZERO)
    return total
