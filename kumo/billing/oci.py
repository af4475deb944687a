"""Oracle Cloud's cost reports, in Oracle's own format.

Columns: https://docs.oracle.com/en-us/iaas/Content/Billing/Concepts/costusagereportsoverview.htm. Oracle writes a file
every few hours, which does not repeat earlier hours, so all files of a month are one delivery.
"""

from collections.abc import Callable, Sequence
from typing import Final

from kumo.billing.context import Context
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.lines import Fields, charges, one_cost
from kumo.billing.row import Row
from kumo.billing.tag_columns import tag_columns

SOURCE: Final = "oci"
TITLE: Final = "Oracle Cloud cost report (lineItem/intervalUsageStart, cost/myCost)"
_COSTS: Final = ("costmycost",)
_SIGNS: Final = (
    "lineitemintervalusagestart",
    "costmycost",
    "lineitemtenantid",
    "productcompartmentid",
    "costproductsku",
)
_FIELDS: Final = Fields(
    source=SOURCE,
    date=("lineitemintervalusagestart",),
    always="oracle",
    billing_account=("lineitemtenantid",),
    account=("productcompartmentid", "productcompartmentname", "lineitemtenantid"),
    region=("productregion",),
    service=("productservice",),
    currency=("costcurrencycode",),
    charge_class=("lineitemiscorrection",),
    quantity=("usagebilledquantity",),
    unit=("costbillingunitreadable",),
    resource=("productresourceid", "productdescription", "costproductsku"),
)


def recognises(headers: Headers) -> bool:
    """Recognise the report by Oracle's names for time, money and compartments."""
    return headers.has(*_SIGNS) > 1


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of line items."""
    context.remark("Oracle writes a file every few hours: import all files of a month together, or days are incomplete")
    return charges(columns, context, _FIELDS, one_cost(columns, *_COSTS), tag_columns(columns, context, "tags"))
