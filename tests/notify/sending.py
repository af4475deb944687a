"""The alerts that the tests of this folder send, and their checks of every answer."""

from dataclasses import replace
from typing import Final

from kumo.domain.alerts import Alert, AlertKind, Answer, Outcome, SpendChange
from kumo.domain.entries import Series
from kumo.domain.total_change import TotalChange
from kumo.notify.slack.channel import Slack

HOSTS: Final = ("hooks.slack.com",)
SECRETS: Final = ("/services/", "T00000000", "B00000000", "thisIsTheSecretPart")

SPEND: Final = SpendChange(
    anomaly="s-1",
    entry="s-0000000001",
    series=Series("AmazonEC2", "USD", "aws", "123456789012", "us-east-1"),
    timestamp=1_714_564_800_000,
    amount=12_345_670_000,
    mean=345.67,
    stddev=100.0,
    z=120.0,
    n=100,
    impact=12_000_000_000,
)
ALERT: Final = Alert(
    id="a1",
    kind=AlertKind.OPENED,
    content=SPEND,
    created_at=1_714_564_860_000,
)

TOTAL: Final = TotalChange(
    scope={"account": "prod"},
    group="5woeftbt6mygcc7u",
    period="2024-05-01",
    usual=345_670_000,
    limit=500_000_000,
    excess=12_000_000_000,
    periods=1,
    first_period=19_844,
    last_period=19_844,
)


def change_total(spend: SpendChange = SPEND, total: TotalChange = TOTAL, **figures: object) -> SpendChange:
    """Return a change of a total, with other figures."""
    changed = replace(total, **figures)  # type: ignore[arg-type]  # the caller knows the types
    names = Series("", "USD", account="prod") if changed.group else spend.series
    return replace(spend, entry="", series=names, n=0, z=0.0, score=9.5, detector="adaptive", total=changed)


def change(spend: SpendChange = SPEND, **figures: object) -> Alert:
    """Return the alert with other names of its series, or other figures."""
    names = {name: figures.pop(name) for name in [*figures] if hasattr(spend.series, name)}
    series = replace(spend.series, **names)  # type: ignore[arg-type]  # the caller knows the types
    return replace(ALERT, content=replace(spend, series=series, **figures))  # type: ignore[arg-type]  # as above


def storm(count: int) -> list[Alert]:
    """Return alerts about anomalies e0, e1, …, of an impact of 0, 1, … units."""
    return [replace(change(anomaly=f"e{i}", impact=i * 1_000_000), id=f"a{i}") for i in range(count)]


def destination(url: str, timeout: float = 5.0) -> Slack:
    return Slack(url, HOSTS, "https://kumo.example", timeout=timeout)


def send(url: str, timeout: float = 5.0) -> Answer:
    """Send an alert, and check on the way what holds of every answer."""
    answer = destination(url, timeout).send([ALERT])
    assert not any(secret in repr(answer) for secret in SECRETS)
    assert answer.detail.endswith(".")
    assert (answer.retry_after > 0) is (answer.outcome is Outcome.PAUSED)
    return answer
