"""Alerts in one line for the log, which escapes text from data."""

from collections.abc import Sequence
from typing import Final

from kumo.domain.alerts import Alert, AlertKind, ImportSummary, SpendChange
from kumo.domain.money import micros_of
from kumo.notify.text import NAMELESS, choose_title, name_spend, write_money

MAX_NAME: Final = 80


def summarize_opened(alerts: Sequence[Alert]) -> str:
    """Describe opened anomalies: the only one, or the number and the largest."""
    largest = max(alerts, key=lambda alert: alert.impact)
    if len(alerts) == 1:
        return f"Anomaly opened: {_describe_content(largest)}"
    return f"{len(alerts):,} anomalies opened, the largest: {_describe_content(largest)}"


def summarize_sent(alerts: Sequence[Alert], recipient: str) -> str:
    """Describe a sent message: its only alert, or the number and the alert with the largest impact."""
    largest = max(alerts, key=lambda alert: alert.impact)
    content = _describe_content(largest)
    about = f"{choose_title(largest)}: {content}" if content else choose_title(largest)
    if len(alerts) == 1:
        return f"Message sent to {recipient}: {about}"
    return f"Message sent to {recipient} about {len(alerts):,} alerts, the largest: {about}"


def _describe_content(alert: Alert) -> str:
    match alert.content:
        case SpendChange():
            return _describe_spend(alert.kind, alert.content)
        case ImportSummary():
            return alert.content.name[:MAX_NAME]
        case None:
            return ""


def _describe_spend(kind: AlertKind, spend: SpendChange) -> str:
    """Return text such as `AWS EC2 500.00 USD, expected 50.05 USD (+899%)`."""
    mean = micros_of(spend.mean)
    percent = f" ({spend.impact / mean:+,.0%})" if mean > 0 and kind is not AlertKind.WITHDRAWN else ""
    amount, expected = (write_money(micros, spend.series.currency) for micros in (spend.amount, mean))
    return f"{name_spend(spend)[:MAX_NAME] or NAMELESS} {amount}, expected {expected}{percent}"
