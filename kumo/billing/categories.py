"""Charge categories: which rows are usage, and which are lump sums that would look like spikes."""

from functools import lru_cache
from typing import Final

from kumo.domain.categories import ADJUSTMENT, CREDIT, FEE, PURCHASE, REFUND, TAX, USAGE

# The words of bills, folded. Anything else is usage, also discounts, which lower the price of usage, and the
# unused part of a commitment, which is paid for day by day.
_KINDS: Final = {
    "tax": TAX,
    "salestax": TAX,
    "vat": TAX,
    "credit": CREDIT,
    "credits": CREDIT,
    "promotion": CREDIT,
    "refund": REFUND,
    "refunds": REFUND,
    "purchase": PURCHASE,
    "savingsplanupfrontfee": PURCHASE,
    "fee": FEE,
    "fees": FEE,
    "rifee": FEE,
    "savingsplanrecurringfee": FEE,
    # Snowflake's and Alibaba's own.
    "rebate": CREDIT,
    "supportcredit": CREDIT,
    "prioritysupport": FEE,
    "vpsdeploymentfee": FEE,
    "subscriptionorder": PURCHASE,
    "adjustment": ADJUSTMENT,
    "roundingadjustment": ADJUSTMENT,
    "roundingerror": ADJUSTMENT,
}


@lru_cache(maxsize=1024)
def category(named: str) -> str:
    """Return the one of `CATEGORIES` that a bill's word means."""
    return _KINDS.get("".join(filter(str.isalnum, named.casefold())), USAGE)
