"""An alert as it is shown, and what may be asked."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from kumo.api.schemas import cursors
from kumo.api.schemas import fields as kinds
from kumo.api.schemas.fields import DRIVER, AnswerSchema, declare, drivers, moment, units
from kumo.api.schemas.listing import TimedListing, cursor, one_of, order
from kumo.domain import money
from kumo.domain.alerts import Alert, AlertState, Kind

Figure = TypeVar("Figure")

_FIGURES: Final = ("amount", "mean", "stddev", "z", "n", "impact")


def _figure(show: Callable[[Alert], Figure]) -> Callable[[Alert], Figure | None]:
    """Show a figure of the entry that raised the alert; a test, and what tells of an import, has none."""
    return lambda alert: show(alert) if alert.anomaly else None


def _show_import(alert: Alert) -> dict[str, object] | None:
    told = alert.imported
    if told is None:
        return None
    money_ = {currency: money.exact(micros) for currency, micros in told.money}
    days = {"first_day": told.first_day, "last_day": told.last_day}
    return {"name": told.name, **days, "services": told.services, "money": money_, "anomalies": told.anomalies}


class AlertSchema(AnswerSchema):
    """What is told about an anomaly, and what became of it."""

    id = declare("id", "The alert's id.", "5woeftbt6mygcc7u-0000000015-1")
    kind = declare("kind", "Why it was raised.", "opened", enum=[*map(str, Kind)])
    state = declare("state", "Where it stands.", "sent", enum=[*map(str, AlertState)])
    attempts = declare("attempts", "How often it was sent.", 1)
    last_answer = declare(
        lambda alert: alert.last_answer or None,
        "What the destination said last.",
        "Slack answered HTTP 200: the message was taken.",
        null=True,
    )
    repeat = declare("repeat", "Whether it may have been told twice.", example=False)
    destination = declare("destination", "Where it goes.", "slack")
    created_at = moment("created_at", "When it was raised.")
    due_at = moment(lambda alert: alert.due_at or None, "When it is sent, or sent again.", null=True)
    sent_at = moment(lambda alert: alert.sent_at or None, "When it was taken.", null=True)
    anomaly = declare(
        lambda alert: alert.anomaly or None,
        "The anomaly it tells of; null for a test, and for an import.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    entry = declare(
        lambda alert: alert.entry or None,
        "The entry that raised it; null for a test, and for an import.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    service = declare("service", *kinds.SERVICE)
    provider = declare("provider", *kinds.PROVIDER)
    account = declare("account", *kinds.ACCOUNT)
    region = declare("region", *kinds.REGION)
    currency = declare("currency", *kinds.CURRENCY)
    timestamp = moment(_figure(lambda alert: alert.timestamp), "The timestamp of the entry.", null=True)
    amount = declare(_figure(lambda alert: units(alert.amount)), "Its amount.", 500.5, null=True)
    mean = declare(_figure(lambda alert: alert.mean), "The mean before it.", 50.25, null=True)
    stddev = declare(_figure(lambda alert: alert.stddev), "The standard deviation.", 26.52, null=True)
    z = declare(_figure(lambda alert: alert.z), "(amount − mean)/stddev.", 16.98, null=True)
    n = declare(_figure(lambda alert: alert.n), "Entries it was compared with.", 20, null=True)
    impact = declare(_figure(lambda alert: units(alert.impact)), "amount − mean.", 450.25, null=True)

    contributors = declare(
        lambda alert: drivers(alert.contributors),
        "What its cost is made of: the three largest, where a bill says so.",
        [{"name": "i-0a1b2c3d4e5f60718", "amount": 312.5}],
        items=DRIVER,
    )
    imported = declare(
        _show_import,
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

    status = one_of(AlertState, "Only those in this state.", name="state")
    order = order("desc", "By created_at, then by id: newest first, or oldest first.")
    after = cursor(cursors.ALERTS)
