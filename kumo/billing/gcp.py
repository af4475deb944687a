"""Google Cloud's billing export to BigQuery, standard and detailed: nested JSON, Parquet, or CSV with dotted names."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from kumo.billing import amounts
from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.gcp_credits import PROMOTION, credit_reader
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges
from kumo.billing.row import ZERO, Line, Row

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
    quantity=("usageamountinpricingunits",),
    unit=("usagepricingunit",),
    # Credits are in a list beside the cost: summed costs would have the credits of only one of them.
    adds_up=False,
)


def recognises(headers: Headers) -> bool:
    """Recognise the export by names of which no other has three; nulls, and columns of nulls, may be missing."""
    return headers.has(*_SIGNS) > 2  # noqa: PLR2004 - FOCUS and Azure have a billing account too


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of records. The amount is the cost with its credits, which may make it negative.

    Promotional credits become their own row, a credit: so the judged cost does not change when a promotion ends.
    """
    cost = columns.amount("cost")
    if cost is None:
        raise BillError("has no column for the amount; looked for cost")
    read_credits, promoted = credit_reader(columns), ZERO

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        nonlocal promoted
        before = cost(cells)
        if before is None:
            return None
        credited, promoted = read_credits(cells)
        net = amounts.add(before, credited)
        return net, net, credited

    read = charges(columns, context, _FIELDS, costs)

    def rows(cells: Cells) -> Sequence[Row]:
        found = read(cells)
        if not found or not promoted:
            return found
        context.splits += 1
        [row] = found
        credit = row._replace(line=_credit(row.line), amount=promoted, billed=promoted, credits=promoted, quantity=None)
        return row, credit

    return rows


@lru_cache(maxsize=20_000)
def _credit(line: Line) -> Line:
    return line._replace(category=PROMOTION)
