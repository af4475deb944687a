"""Alerts in one line for the log, which escapes text from data."""

from collections.abc import Sequence
from typing import Final

from kumo.domain.alerts import Alert, Kind
from kumo.domain.money import micros_of
from kumo.notify import imported, words
from kumo.notify.message import NAMELESS, TITLES

MAX_NAME: Final = 80


def describe_opened(alerts: Sequence[Alert]) -> str:
    """Describe opened anomalies: the only one, or the number and the largest."""
    largest = max(alerts, key=lambda alert: alert.impact)
    if len(alerts) == 1:
        return f"Anomaly opened: {_figures(largest)}"
    return f"{len(alerts):,} anomalies opened, the largest: {_figures(largest)}"


def describe_sent(alerts: Sequence[Alert]) -> str:
    """Describe a sent message: its only alert, or the number and the alert with the largest impact."""
    largest = max(alerts, key=lambda alert: alert.impact)
    if len(alerts) == 1:
        return f"Message sent to Slack: {_about(largest)}"
    return f"Message sent to Slack about {len(alerts):,} alerts, the largest: {_about(largest)}"


def _about(alert: Alert) -> str:
    if alert.kind is Kind.TEST:
        return TITLES[alert.kind]
    return f"{TITLES[alert.kind]}: {imported.line(alert) if alert.kind is Kind.IMPORTED else _figures(alert)}"


def _figures(alert: Alert) -> str:
    """Return text such as `AWS EC2 500.00 USD, expected 50.05 USD (+899%)`."""
    mean = micros_of(alert.mean)
    percent = f" ({alert.impact / mean:+,.0%})" if mean > 0 and alert.kind is not Kind.WITHDRAWN else ""
    amount, expected = (words.money(micros, alert.currency) for micros in (alert.amount, mean))
    return f"{alert.service[:MAX_NAME] or NAMELESS} {amount}, expected {expected}{percent}"
