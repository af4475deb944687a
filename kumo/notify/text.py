"""Words that the messages of all channels and the log share."""

from decimal import Decimal
from typing import Final

from kumo.domain.alerts import Alert, AlertKind, SpendChange
from kumo.domain.groups import TAG
from kumo.domain.judging import Cause
from kumo.domain.money import SCALE, exact
from kumo.domain.subjects import describe_scope

TITLES: Final = {
    AlertKind.OPENED: "Cost jumped",
    AlertKind.WORSENED: "Getting worse",
    AlertKind.WITHDRAWN: "Withdrawn: the cost was corrected",
    AlertKind.TEST: "Test message from Kumo",
    AlertKind.IMPORTED: "Bill imported",
}
NEW: Final = "New spend"
OFFSET: Final = "Withdrawn: other costs fell"
NAMELESS: Final = "(no name)"
CENT: Final = SCALE // 100


def choose_title(alert: Alert) -> str:
    """Return the title of the message about an alert."""
    total = alert.spend.total if alert.spend else None
    if total and total.falls and alert.kind is AlertKind.WITHDRAWN:
        return OFFSET
    is_new = alert.spend is not None and alert.spend.cause is Cause.FIRST_SPEND
    return NEW if is_new and alert.kind is AlertKind.OPENED else TITLES[alert.kind]


def name_spend(spend: SpendChange) -> str:
    """Name what an alert is about: the service, or the group in words. The text is from data: escape it."""
    total = spend.total
    if total is None or not total.group:
        return spend.series.service
    if total.new_values:
        key, *_ = total.scope
        return f"{key.removeprefix(TAG)} {', '.join(total.new_values)}"
    return describe_scope(total.scope, spend.series.currency)


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
