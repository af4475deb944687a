"""Azure cost details: enterprise agreement, customer agreement, pay-as-you-go; Pascal, camel and localised headers."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers, fold
from kumo.billing.json_records import COST_QUERY
from kumo.billing.lines import Fields, charges
from kumo.billing.moments import TimeReader
from kumo.billing.row import ZERO, Row

SOURCE: Final = "azure"
TITLE: Final = "Azure cost details, EA, MCA and pay-as-you-go (Date or UsageDateTime, CostInBillingCurrency, Cost, …)"
ACTUAL: Final = "actual"
AMORTIZED: Final = "amortized"
_COSTS: Final = ("costinbillingcurrency", "cost", "pretaxcost", "extendedcost", "billingpretaxtotal")
_SIGNS: Final = (
    *("metercategory", "metersubcategory", "meterid", "metername", "meterregion", "consumedservice"),
    *("subscriptionid", "subscriptionguid", "subscriptionname", "resourcegroup", "resourcegroupname"),
    *("costinbillingcurrency", "pretaxcost", "usagedatetime", "resourcelocation", "offerid"),
)
_COMMITMENTS: Final = {"reservation", "savingsplan"}
_TELLING: Final = {"purchase": ACTUAL, "usage": AMORTIZED}
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("date", "usagedatetime", "usagedate", "usagestart", "billingmonth"),
    always="azure",
    billing_account=("billingaccountid", "billingaccountname"),
    account=("subscriptionid", "subscriptionguid", "billingaccountid"),
    region=("resourcelocation", "location"),
    service=("metercategory", "servicename", "consumedservice", "productname", "product"),
    currency=("billingcurrencycode", "billingcurrency", "currency", "currencycode"),
    period=("billingperiodstartdate", "billingperiodstart"),
    category=("chargetype",),
    resource=("resourceid", "instanceid", "instancename", "resourcename", "metername"),
    tags=("tags",),
    quantity=("quantity", "usagequantity", "consumedquantity"),
    unit=("unitofmeasure", "unit"),
)


def recognises(headers: Headers) -> bool:
    """Recognise an Azure file by names that only Azure uses: meters, subscriptions, resource groups."""
    return headers.has(fold(COST_QUERY)) > 0 or headers.has(*_SIGNS) > 2  # noqa: PLR2004 - any three of them


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of charges. There is one amount; only the charges show whether it is actual or amortized."""
    cost = columns.amount(*_COSTS)
    if cost is None:
        raise BillError(f"has no column for the amount; looked for {', '.join(_COSTS)}")
    context.moments = TimeReader(month_first=True)
    if columns.headers.has("billingmonth") and not columns.headers.has("usagedate"):
        context.remark("each row is for a month: detection needs days; choose daily granularity")
    observe = _observer(columns, context)

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        amount = cost(cells)
        if amount is None:
            return None
        if amount:
            observe(cells)
        return amount, amount, ZERO

    return charges(columns, context, _FIELDS, costs)


def _observer(columns: Columns, context: Context) -> Callable[[Cells], None]:
    """Return a function that finds out which export this is: Actual has purchases of commitments, Amortized their use.

    Both have the same headers. Without commitments their content is the same. Only charges that are
    not zero show it.
    """
    kind, pricing = columns.text("chargetype"), columns.text("pricingmodel")
    commitment = columns.text("reservationid", "benefitid")
    datasets = context.datasets

    def observe(cells: Cells) -> None:
        folded = kind(cells).casefold()
        if folded.startswith("unused"):
            datasets.add(AMORTIZED)
        elif folded in _TELLING and (pricing(cells).casefold() in _COMMITMENTS or commitment(cells)):
            datasets.add(_TELLING[folded])

    return observe
