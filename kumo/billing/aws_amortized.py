"""The cost of a CUR line when commitments are spread over the hours that they cover.

The rules are AWS's own for amortized cost, in "Understanding Savings Plans" and "Understanding reservation line items"
of the Cost and Usage Report's guide.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from kumo.billing import amounts
from kumo.billing.context import Context
from kumo.billing.headers import Cells, Columns, ReadAmount
from kumo.billing.row import ZERO

Rule = Callable[[Cells], Decimal | None]
Amortized = Callable[[Cells, str, Decimal], Decimal]

_COVERED: Final = "savingsplansavingsplaneffectivecost"
_COMMITTED: Final = "savingsplantotalcommitmenttodate"
_USED: Final = "savingsplanusedcommitment"
_RESERVED: Final = "reservationeffectivecost"
_UNUSED_UPFRONT: Final = "reservationunusedamortizedupfrontfeeforbillingperiod"
_UNUSED_RECURRING: Final = "reservationunusedrecurringfee"


def read_amortized(columns: Columns, context: Context) -> Amortized:
    """Return a reader of the amortized cost of a line by its type; the unblended cost if no rule applies."""
    rules = _rules(columns)

    def amount(cells: Cells, kind: str, unblended: Decimal) -> Decimal:
        rule = rules.get(kind)
        if rule is None:
            return unblended
        found = rule(cells)
        if found is None:
            context.note(f"a {kind} row lacks the parts of its amortized cost: its unblended cost is used")
            return unblended
        return found

    return amount


def _rules(columns: Columns) -> dict[str, Rule]:
    """Return the rule of each type of line that has one; a rule returns None if its columns are missing or empty."""
    missing: Rule = lambda _: None  # noqa: E731 - the shape of a column's reader
    arn = columns.text("reservationreservationarn")

    def nothing(_: Cells) -> Decimal:
        return ZERO

    def fee(cells: Cells) -> Decimal | None:
        return ZERO if arn(cells) else unblended(cells)

    unblended = columns.amount("lineitemunblendedcost") or missing
    return {
        "SavingsPlanCoveredUsage": columns.amount(_COVERED) or missing,
        "SavingsPlanRecurringFee": _combine(amounts.subtract, columns.amount(_COMMITTED), columns.amount(_USED)),
        "SavingsPlanNegation": nothing,
        "SavingsPlanUpfrontFee": nothing,
        "DiscountedUsage": columns.amount(_RESERVED) or missing,
        "RIFee": _combine(amounts.add, columns.amount(_UNUSED_UPFRONT), columns.amount(_UNUSED_RECURRING)),
        "Fee": fee,
    }


def _combine(operation: Callable[[Decimal, Decimal], Decimal], one: ReadAmount | None, two: ReadAmount | None) -> Rule:
    """Combine two columns if the file has both; an empty cell beside a full one counts as zero."""
    if one is None or two is None:
        return lambda _: None
    left, right = one, two

    def rule(cells: Cells) -> Decimal | None:
        a, b = left(cells), right(cells)
        return None if a is None and b is None else operation(a or ZERO, b or ZERO)

    return rule
