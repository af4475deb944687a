"""FOCUS 1.0 to 1.4, the FinOps Open Cost and Usage Specification, from any provider."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers, ReadAmount
from kumo.billing.lines import Costs, Fields, charges
from kumo.billing.row import ZERO, Row

SOURCE: Final = "focus"
TITLE: Final = "FOCUS 1.0 to 1.4 (BilledCost, EffectiveCost, ChargePeriodStart, ChargeCategory)"
_SIGNS: Final = ("billedcost", "effectivecost", "chargeperiodstart", "chargeperiodend", "chargecategory", "listcost")
# 1.3 renamed the provider and 1.4 dropped the old name; ids and regions are conditional columns.
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("chargeperiodstart",),
    provider=("serviceprovidername", "providername", "provider"),
    billing_account=("billingaccountid",),
    account=("subaccountid", "billingaccountid"),
    # The names of 1.0-preview come last.
    region=("regionid", "regionname", "region"),
    service=("servicename",),
    currency=("billingcurrency",),
    period=("billingperiodstart",),
    category=("chargecategory", "chargetype"),
    charge_class=("chargeclass",),
    resource=("resourceid", "resourcename", "skumeter", "chargedescription", "skuid"),
    tags=("tags",),
    # 1.0-preview: the usage.
    quantity=("consumedquantity", "usagequantity"),
    unit=("consumedunit", "usageunit"),
)


def recognises(headers: Headers) -> bool:
    """Recognise a FOCUS file: no other format has two of these names."""
    return headers.has(*_SIGNS) > 1


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of charges."""
    return charges(columns, context, _FIELDS, _costs(columns, context))


def _costs(columns: Columns, context: Context) -> Costs:
    """Return a reader of effective and billed cost. If one is missing, the other replaces it, with a note."""
    effective, billed = columns.amount("effectivecost"), columns.amount("billedcost")
    if effective and billed:
        return _both(effective, billed, context)
    only = effective or billed
    if only is None:
        raise BillError("has no column for the amount; looked for EffectiveCost and BilledCost")
    context.remark("there is only one cost column: it is used as effective and as billed cost")

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        cost = only(cells)
        return None if cost is None else (cost, cost, ZERO)

    return costs


def _both(effective: ReadAmount, billed: ReadAmount, context: Context) -> Costs:
    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        amount, invoiced = effective(cells), billed(cells)
        if amount is not None and invoiced is not None:
            return amount, invoiced, ZERO
        cost = invoiced if amount is None else amount
        if cost is None:
            return None
        context.note("a row has only one of EffectiveCost and BilledCost: it is used for both")
        return cost, cost, ZERO

    return costs
