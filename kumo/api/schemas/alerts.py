"""The schema of an alert, and the query for alerts."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import (
    ACCOUNT,
    CURRENCY,
    DRIVER,
    PROVIDER,
    REGION,
    SERVICE,
    AnswerSchema,
    declare,
    drivers,
    moment,
    units,
)
from kumo.api.schemas.listing import TimedListing, cursor, one_of, order
from kumo.domain import money
from kumo.domain.alerts import Alert, AlertKind, AlertStatus, ImportSummary, SpendChange

Figure = TypeVar("Figure")

_FIGURES: Final = ("amount", "mean", "stddev", "z", "n", "impact")


def _show_spend(show: Callable[[SpendChange], Figure]) -> Callable[[Alert], Figure | None]:
    """Show a figure of the entry that raised the alert; null if there is none."""
    return lambda alert: show(alert.spend) if alert.spend else None


def _show_name(name: str) -> Callable[[Alert], str]:
    """Show a name of the entry's series; empty if there is none."""
    return lambda alert: getattr(alert.spend.series, name) if alert.spend else ""


def _show_import(alert: Alert) -> dict[str, object] | None:
    summary = alert.content
    if not isinstance(summary, ImportSummary):
        return None
    money_ = {currency: money.exact(micros) for currency, micros in summary.money}
    days = {"first_day": summary.first_day, "last_day": summary.last_day}
    return {"name": summary.name, **days, "services": summary.services, "money": money_, "anomalies": summary.anomalies}


class AlertSchema(AnswerSchema):
    """An alert and its delivery."""

    id = declare("id", "The alert's id.", "5woeftbt6mygcc7u-0000000015-1")
    kind = declare("kind", "Why it was raised.", "opened", enum=[*map(str, AlertKind)])
    state = declare(
        "delivery.status",
        "The status of its delivery. unknown: the message may have arrived and is not sent again.",
        "sent",
        enum=[*map(str, AlertStatus)],
    )
    attempts = declare("delivery.attempts", "How often it was sent.", 1)
    last_answer = declare(
        lambda alert: alert.delivery.last_answer or None,
        "The last answer of the destination.",
        "Slack answered HTTP 200: the message was accepted.",
        null=True,
    )
    repeat = declare("delivery.repeat", "Whether it may have arrived twice.", example=False)
    destination = declare("delivery.destination", "Its destination.", "slack")
    created_at = moment("created_at", "When it was raised.")
    due_at = moment(lambda alert: alert.delivery.due_at or None, "When it will be sent, or sent again.", null=True)
    sent_at = moment(lambda alert: alert.delivery.sent_at or None, "When the destination accepted it.", null=True)
    anomaly = declare(
        _show_spend(lambda spend: spend.anomaly),
        "The anomaly it is about; null for a test, and for an import.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    entry = declare(
        _show_spend(lambda spend: spend.entry),
        "The entry that raised it; null for a test, and for an import.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    service = declare(_show_name("service"), *SERVICE)
    provider = declare(_show_name("provider"), *PROVIDER)
    account = declare(_show_name("account"), *ACCOUNT)
    region = declare(_show_name("region"), *REGION)
    currency = declare(_show_name("currency"), *CURRENCY)
    timestamp = moment(_show_spend(lambda spend: spend.timestamp), "The timestamp of the entry.", null=True)
    amount = declare(_show_spend(lambda spend: units(spend.amount)), "Its amount.", 500.5, null=True)
    mean = declare(_show_spend(lambda spend: spend.mean), "The mean before it.", 50.25, null=True)
    stddev = declare(_show_spend(lambda spend: spend.stddev), "The standard deviation.", 26.52, null=True)
    z = declare(_show_spend(lambda spend: spend.z), "(amount − mean)/stddev.", 16.98, null=True)
    n = declare(_show_spend(lambda spend: spend.n), "Number of entries that it was compared with.", 20, null=True)
    impact = declare(_show_spend(lambda spend: units(spend.impact)), "amount − mean.", 450.25, null=True)

    contributors = declare(
        lambda alert: drivers(alert.spend.contributors if alert.spend else ()),
        "The three largest contributors of the cost, if a bill has them.",
        [{"name": "i-0a1b2c3d4e5f60718", "amount": 312.5}],
        items=DRIVER,
    )
    imported = declare(
        _show_import,
        "The import it is about, in one alert for all of its old days; else null.",
        {
            "name": "january.csv",
            "first_day": "2026-01-01",
            "last_day": "2026-01-31",
            "services": 12,
            "money": {"USD": "1234.5"},
            "anomalies": 3,
        },
        null=True,
    )

    @classmethod
    def test_example(cls) -> dict[str, Any]:
        """Build a test alert that was just raised."""
        names = ("last_answer", "sent_at", "anomaly", "entry", "timestamp", "imported", *_FIGURES)
        texts = dict.fromkeys(("service", "provider", "account", "region", "currency"), "")
        new = {"id": "test-5f0c2d9a41b7e386-1", "kind": "test", "state": "pending", "attempts": 0, "contributors": []}
        return cls.example() | dict.fromkeys(names) | texts | new


class AlertsQuery(TimedListing):
    """The parameters of GET /alerts/; times are those when alerts were raised."""

    status = one_of(AlertStatus, "Only those in this state.", name="state")
    order = order("desc", "By created_at, then by id: newest first, or oldest first.")
    after = cursor(cursors.ALERTS)
