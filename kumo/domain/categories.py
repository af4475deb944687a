"""Charge categories: what a cost is paid for. All but usage are kept and summed, and never judged."""

from collections.abc import Mapping
from typing import Final

USAGE: Final = "usage"
TAX: Final = "tax"
CREDIT: Final = "credit"
REFUND: Final = "refund"
PURCHASE: Final = "purchase"
FEE: Final = "fee"
ADJUSTMENT: Final = "adjustment"
CATEGORIES: Final = frozenset({USAGE, TAX, CREDIT, REFUND, PURCHASE, FEE, ADJUSTMENT})
# As FOCUS writes those that it has, and as they are shown; usage is what a series without a category is.
SPELLINGS: Final[Mapping[str, str]] = {
    **{name.capitalize(): name for name in (USAGE, PURCHASE, TAX, CREDIT, ADJUSTMENT)},
    **{name: name for name in sorted(CATEGORIES)},
}


def parse_category(value: object) -> str:
    """Read a charge category into that of a series, which is empty for usage; raises `ValueError`."""
    if not isinstance(value, str) or value not in SPELLINGS:
        raise ValueError(f"must be one of {', '.join(SPELLINGS)}")
    return "" if SPELLINGS[value] == USAGE else SPELLINGS[value]
