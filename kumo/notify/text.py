"""Words that the messages of all channels and the log share."""

from decimal import Decimal
from typing import Final

from kumo.domain.alerts import AlertKind
from kumo.domain.money import SCALE, exact

TITLES: Final = {
    AlertKind.OPENED: "Cost jumped",
    AlertKind.WORSENED: "Getting worse",
    AlertKind.WITHDRAWN: "Withdrawn: the cost was corrected",
    AlertKind.TEST: "Test message from Kumo",
    AlertKind.IMPORTED: "Bill imported",
}
NAMELESS: Final = "(no name)"
CENT: Final = SCALE // 100


def write_money(micros: int, currency: str) -> str:
    """Write an amount with its currency: two decimals, or all decimals below a cent."""
    tiny = 0 < abs(micros) < CENT
    figure = exact(micros) if tiny else f"{Decimal(micros) / SCALE:,.2f}"
    # A code is three letters. Other characters could be markup, so they are dropped.
    code = "".join(filter(str.isalnum, currency))[:10]
    return f"{figure} {code}".rstrip()


def join(*parts: str) -> str:
    """Join the parts that are not empty with dots."""
    return " · ".join(filter(None, parts))
