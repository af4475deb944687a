"""Alerts to put into an outbox."""

from typing import Final

from kumo.domain.alerts import Alert, AlertKind, Delivery, ImportSummary, OldAnomaly, SpendChange
from kumo.domain.entries import Series

DESTINATION: Final = "slack"

SUMMARY = ImportSummary(
    name="bill",
    first_day="2026-01-01",
    last_day="2026-01-31",
    services=1,
    entries=2,
    money=(("USD", 5),),
    anomalies=1,
    largest=(OldAnomaly(service="EC2", account="", currency="USD", impact=5, timestamp=9),),
)


def make_test(name: str = "test-1", destination: str = DESTINATION) -> Alert:
    """Make a test alert."""
    return Alert(name, AlertKind.TEST, delivery=Delivery(destination))


def make_spend(
    name: str,
    service: str = "AWS EC2",
    kind: AlertKind = AlertKind.OPENED,
    anomaly: str = "",
    arrived_at: int = 0,
    destination: str = DESTINATION,
) -> Alert:
    """Make an alert about an anomaly."""
    spend = SpendChange(
        anomaly=anomaly,
        entry=anomaly,
        series=Series(service, "USD"),
        timestamp=0,
        arrived_at=arrived_at,
    )
    return Alert(name, kind, spend, delivery=Delivery(destination))
