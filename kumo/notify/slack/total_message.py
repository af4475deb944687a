"""The words of an alert about the total of a period, in Slack: the day, what is usual, and since when it is more."""

from datetime import UTC, datetime, timedelta
from typing import Final

from kumo.domain.alerts import AlertKind, SpendChange
from kumo.domain.judging import Cause
from kumo.domain.total_change import TotalChange
from kumo.notify.slack.blocks import escape
from kumo.notify.text import write_money

MAX_NAME: Final = 55
MOST_NAMES: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def compare(kind: AlertKind, spend: SpendChange, total: TotalChange) -> str:
    """Compare a total with the usual amount; there is no text from data in it."""
    day = f"on {total.period}{' (the day is not over)' if total.is_running else ''}"
    if kind is AlertKind.WITHDRAWN and not total.falls:
        day += " after correction"
    if spend.cause is Cause.FIRST_SPEND:
        return f"{day}, where nothing was spent before"
    if spend.cause is Cause.HOUR:
        return f"{day}, in some hours {write_money(spend.impact, spend.series.currency)} more than usual"
    if total.usual is None:
        return day
    usual = write_money(total.usual, spend.series.currency)
    if kind is AlertKind.WITHDRAWN:
        return f"{day}, where {usual} is usual"
    side = "below" if spend.impact < 0 else "above"
    percent = f" ({spend.impact / total.usual:+,.0%})" if total.usual > 0 else ""
    distance = write_money(abs(spend.impact), spend.series.currency)
    return f"{day}, where {usual} is usual: {distance} {side}{percent}{_add_up(spend, total)}"


def _add_up(spend: SpendChange, total: TotalChange) -> str:
    """Say what all anomalous days are above the usual, if there are several."""
    if total.periods <= 1:
        return ""
    since = (_EPOCH + timedelta(days=total.first_period)).date()
    return f"; {write_money(total.excess, spend.series.currency)} above on {total.periods:,} days since {since}"


def describe_limit(spend: SpendChange, total: TotalChange) -> str:
    """Name the largest total that would be no anomaly."""
    return "" if total.limit is None else f"limit {write_money(total.limit, spend.series.currency)}"


def describe_others(spend: SpendChange, total: TotalChange) -> str:
    """Name what fell instead, and the values that are new together."""
    falls = [
        f"{escape(name, MAX_NAME)} ({write_money(fall, spend.series.currency)} less)" for name, fall in total.falls
    ]
    values = [escape(value, MAX_NAME) for value in total.new_values if value]
    lines = [f"{label} {_list(names)}" for label, names in (("Offset by", falls), ("New values:", values)) if names]
    return "\n".join(lines)


def _list(names: list[str]) -> str:
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest:,} more" if rest > 0 else "")
