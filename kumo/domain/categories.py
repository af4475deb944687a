"""Charge categories: the kinds of charges. All except usage are stored and summed, but never judged."""

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
# Spellings of FOCUS, as shown; a series without a category is usage.
SPELLINGS: Final[Mapping[str, str]] = {
    **{name.capitalize(): name for name in (USAGE, PURCHASE, TAX, CREDIT, ADJUSTMENT)},
    **{name: name for name in sorted(CATEGORIES)},
}


def parse_category(value: object) -> str:
    """Parse a charge category into that of a series, which is empty for usage; raise `ValueError`."""
    if not isinstance(value, str) or value not in SPELLINGS:
        raise ValueError(f"must be one of {', '.join(SPELLINGS)}")
    return "" if SPELLINGS[value] == USAGE else SPELLINGS[value]
