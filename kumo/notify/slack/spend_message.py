"""An alert about an anomaly, in Slack: what, where, how much, and the evidence."""

import html
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from kumo.domain.alerts import AlertKind, SpendChange
from kumo.domain.judging import Cause
from kumo.domain.money import micros_of
from kumo.notify.slack import blocks, total_message
from kumo.notify.slack.blocks import MAX_VALUE, cut, escape
from kumo.notify.text import NAMELESS, join, name_spend, write_money

DRIVERS: Final = 3
MAX_NAME: Final = 55
MAX_LINK: Final = 500
# Sentences for the causes of an anomaly other than a figure above its threshold.
CAUSES: Final[Mapping[Cause, str]] = {
    Cause.DRIFT: "many costs a little above the usual",
    Cause.NEW_HIGH: "a new high",
    Cause.FIRST_COST: "the first cost",
    Cause.FIRST_SPEND: "first spend",
    Cause.HOUR: "an hour above the usual",
}


def build_card(title: str, kind: AlertKind, spend: SpendChange, evidence: str) -> list[dict[str, object]]:
    """Build the blocks of the message about one anomaly."""
    series = spend.series
    named = {"Service": _write_name(spend)} | {
        label: escape(value)
        for label, value in (("Account", series.account), ("Provider", series.provider), ("Region", series.region))
    }
    # The name of a group says all that it fixes.
    shown = {} if _is_of_group(spend) else named
    fields = [blocks.plain_text(f"{label}\n{value}") for label, value in shown.items() if value]
    others = _describe_drivers(spend) or (total_message.describe_others(spend, spend.total) if spend.total else "")
    return [
        blocks.header(f"{title} · {_write_name(spend, MAX_NAME)}"),
        blocks.section(blocks.markup(f"*{_write_amount(spend)}* {_compare(kind, spend)}"), fields),
        *([blocks.section(blocks.plain_text(others))] if others else []),
        *([blocks.context(evidence)] if evidence else []),
    ]


def describe(kind: AlertKind, spend: SpendChange) -> str:
    """Describe an anomaly in one line."""
    figures = f"{_write_amount(spend)} {_compare(kind, spend)}"
    return join(_write_name(spend, MAX_NAME), cut(_write_place(spend), MAX_NAME), figures)


def describe_in_lines(kind: AlertKind, spend: SpendChange) -> str:
    """Describe an anomaly in up to three lines: name, place, figures."""
    lines = (_write_name(spend), _write_place(spend), f"{_write_amount(spend)} {_compare(kind, spend)}")
    return "\n".join(filter(None, lines))


def describe_evidence(spend: SpendChange) -> str:
    """Name the figure that decided, z or the score if the detector has its own, and the history or the limit."""
    history = total_message.describe_limit(spend, spend.total) if spend.total else f"{spend.n:,} earlier entries"
    if spend.cause is Cause.FIRST_SPEND:
        return join(CAUSES[spend.cause], history)
    own = spend.score is not None and spend.score != spend.z
    figure = f"score {spend.score:,.1f}" if own else "" if spend.total else f"z {spend.z:,.1f}"
    return join(figure, CAUSES.get(spend.cause, "") if spend.cause else "", history)


def write_address(spend: SpendChange, public_url: str) -> str:
    """Return the address of the anomaly, escaped; empty if it is too long."""
    anomaly = quote(spend.anomaly, safe="", errors="replace")
    url = html.escape(f"{public_url.rstrip('/')}/dashboard/?anomaly={anomaly}", quote=False).replace("|", "%7C")
    return url if anomaly and len(url) <= MAX_LINK else ""


def _write_name(spend: SpendChange, limit: int = MAX_VALUE) -> str:
    return escape(name_spend(spend), limit) or NAMELESS


def _is_of_group(spend: SpendChange) -> bool:
    return spend.total is not None and bool(spend.total.group)


def _write_place(spend: SpendChange) -> str:
    if _is_of_group(spend):
        return ""
    return join(*map(escape, (spend.series.account, spend.series.provider, spend.series.region)))


def _write_amount(spend: SpendChange) -> str:
    return write_money(spend.amount, spend.series.currency)


def _compare(kind: AlertKind, spend: SpendChange) -> str:
    """Compare the amount with the expected one, in money and, if that is above zero, in percent."""
    if spend.total:
        return total_message.compare(kind, spend, spend.total)
    mean = micros_of(spend.mean)
    expected = write_money(mean, spend.series.currency)
    if kind is AlertKind.WITHDRAWN:
        return f"after correction, where {expected} was expected"
    side = "below" if spend.impact < 0 else "above"
    percent = f" ({spend.impact / mean:+,.0%})" if mean > 0 else ""
    distance = write_money(abs(spend.impact), spend.series.currency)
    return f"where {expected} was expected: {distance} {side}{percent}"


def _describe_drivers(spend: SpendChange) -> str:
    """Name the contributors of the cost, if a bill has them."""
    parts = [
        f"{escape(name, MAX_NAME)} ({write_money(micros, spend.series.currency)})"
        for name, micros in spend.contributors
    ]
    return f"Driven by {', '.join(parts[:DRIVERS])}" if parts else ""
