"""An alert as it is shown, and what may be asked."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from kumo.domain import money
from kumo.domain.alerts import Alert, Kind, State
from kumo.schemas import cursors
from kumo.schemas import fields as kinds
from kumo.schemas.fields import DRIVER, Answer, drivers, moment, shown, units
from kumo.schemas.listing import TimedListing, cursor, one_of, order

Figure = TypeVar("Figure")

_FIGURES: Final = ("amount", "mean", "stddev", "z", "n", "impact")


def _told(show: Callable[[Alert], Figure]) -> Callable[[Alert], Figure | None]:
    """Show a figure of the entry that raised the alert; a test, and what tells of an import, has none."""
    return lambda alert: show(alert) if alert.anomaly else None


def _imported(alert: Alert) -> dict[str, object] | None:
    told = alert.imported
    if told is None:
        return None
    money_ = {currency: money.exact(micros) for currency, micros in told.money}
    days = {"first_day": told.first_day, "last_day": told.last_day}
    return {"name": told.name, **days, "services": told.services, "money": money_, "anomalies": told.anomalies}


class AlertSchema(Answer):
    """What is told about an anomaly, and what became of it."""

    id = shown("id", "The alert's id.", "5woeftbt6mygcc7u-0000000015-1")
    kind = shown("kind", "Why it was raised.", "opened", enum=[*map(str, Kind)])
    state = shown("state", "Where it stands.", "sent", enum=[*map(str, State)])
    attempts = shown("attempts", "How often it was sent.", 1)
    last_answer = shown(
        lambda alert: alert.last_answer or None,
        "What the destination said last.",
        "Slack answered HTTP 200: the message was taken.",
        null=True,
    )
    repeat = shown("repeat", "Whether it may have been told twice.", example=False)
    destination = shown("destination", "Where it goes.", "slack")
    created_at = moment("created_at", "When it was raised.")
    due_at = moment(lambda alert: alert.due_at or None, "When it is sent, or sent again.", null=True)
    sent_at = moment(lambda alert: alert.sent_at or None, "When it was taken.", null=True)
    anomaly = shown(
        lambda alert: alert.anomaly or None,
        "The anomaly it tells of; null for a test, and for an import.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    entry = shown(
        lambda alert: alert.entry or None,
        "The entry that raised it; null for a test, and for an import.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    service = shown("service", *kinds.SERVICE)
    provider = shown("provider", *kinds.PROVIDER)
    account = shown("account", *kinds.ACCOUNT)
    region = shown("region", *kinds.REGION)
    currency = shown("currency", *kinds.CURRENCY)
    timestamp = moment(_told(lambda alert: alert.timestamp), "The timestamp of the entry.", null=True)
    amount = shown(_told(lambda alert: units(alert.amount)), "Its amount.", 500.5, null=True)
    mean = shown(_told(lambda alert: alert.mean), "The mean before it.", 50.25, null=True)
    stddev = shown(_told(lambda alert: alert.stddev), "The standard deviation.", 26.52, null=True)
    z = shown(_told(lambda alert: alert.z), "(amount − mean)/stddev.", 16.98, null=True)
    n = shown(_told(lambda alert: alert.n), "Entries it was compared with.", 20, null=True)
    impact = shown(_told(lambda alert: units(alert.impact)), "amount − mean.", 450.25, null=True)

    contributors = shown(
        lambda alert: drivers(alert.contributors),
        "What its cost is made of: the three largest, where a bill says so.",
        [{"name": "i-0a1b2c3d4e5f60718", "amount": 312.5}],
        items=DRIVER,
    )
    imported = shown(
        _imported,
        "The import it tells of: one alert for all that is too old to alert about; else null.",
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
        """Put together a test alert that was just raised."""
        names = ("last_answer", "sent_at", "anomaly", "entry", "timestamp", "imported", *_FIGURES)
        texts = dict.fromkeys(("service", "provider", "account", "region", "currency"), "")
        new = {"id": "test-5f0c2d9a41b7e386-1", "kind": "test", "state": "pending", "attempts": 0, "contributors": []}
        return cls.example() | dict.fromkeys(names) | texts | new


class AlertsQuery(TimedListing):
    """What GET /alerts/ takes; times are those when alerts were raised."""

    status = one_of(State, "Only those in this state.", name="state")
    order = order("desc", "By created_at, then by id: newest first, or oldest first.")
    after = cursor(cursors.ALERTS)
