"""The schema of an alert, and the query for alerts."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import (
    ACCOUNT,
    CAUSE,
    CAUSES,
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
from kumo.api.schemas.impacts import FIRST_PERIOD, GROUP_ID, IMPACT, LAST_PERIOD, SCOPE, TITLE
from kumo.api.schemas.listing import TimedListing, cursor, one_of, order
from kumo.domain import money
from kumo.domain.alerts import Alert, AlertKind, AlertStatus, ImportSummary, SpendChange
from kumo.domain.subjects import describe_scope, read_scope
from kumo.domain.total_change import TotalChange
from kumo.domain.totals.periods import Grain, number_period
from kumo.domain.worth import NotSent

Figure = TypeVar("Figure")

_FIGURES: Final = ("amount", "mean", "stddev", "z", "n", "impact", "scope", "not_sent", "score", "cause", "title")
_OF_TOTALS: Final = ("group_id", "period", "running", "periods", "first_period", "last_period", "limit")


def _show_spend(show: Callable[[SpendChange], Figure]) -> Callable[[Alert], Figure | None]:
    """Show a figure of the entry that raised the alert; null if there is none."""
    return lambda alert: show(alert.spend) if alert.spend else None


def _show_name(name: str) -> Callable[[Alert], str | None]:
    """Show a name of the series, empty if there is none; null if the alert is about a group that does not fix it."""

    def show(alert: Alert) -> str | None:
        if alert.spend and alert.spend.total and alert.spend.total.group:
            return alert.spend.total.scope.get(name)
        return getattr(alert.spend.series, name) if alert.spend else ""

    return show


def _show_total(show: Callable[[TotalChange], Figure]) -> Callable[[Alert], Figure | None]:
    """Show a figure of the total that raised the alert; null if an entry raised it."""
    return lambda alert: show(alert.spend.total) if alert.spend and alert.spend.total else None


def _show_day(number: int) -> str:
    return number_period(number, Grain.DAY).text


def _show_scope(alert: Alert) -> dict[str, str] | None:
    if alert.spend is None:
        return None
    return dict(alert.spend.total.scope) if alert.spend.total else read_scope(alert.spend.series)


def _show_title(alert: Alert) -> str | None:
    return describe_scope(_show_scope(alert) or {}, alert.spend.series.currency) if alert.spend else None


def _show_impact(alert: Alert) -> float | None:
    """Show the impact of the anomaly, as far as it was known."""
    spend = alert.spend
    if spend is None:
        return None
    return units(spend.total.excess if spend.total and spend.total.periods else spend.impact)


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
        _show_spend(lambda spend: spend.entry or None),
        "The entry that raised it; null for a test, an import, and the total of several entries.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    service, provider, account, region = (
        declare(_show_name(name), *about, null=True)
        for name, about in (("service", SERVICE), ("provider", PROVIDER), ("account", ACCOUNT), ("region", REGION))
    )
    currency = declare(lambda alert: alert.spend.series.currency if alert.spend else "", *CURRENCY)
    title = declare(_show_title, *TITLE, null=True)
    group_id = declare(_show_total(lambda total: total.group or None), *GROUP_ID, null=True)
    scope = declare(_show_scope, *SCOPE, null=True, additionalProperties={"type": "string"})
    timestamp = moment(
        _show_spend(lambda spend: spend.timestamp), "The timestamp of the entry, or the start of the day.", null=True
    )
    period = declare(
        _show_total(lambda total: total.period),
        "The day whose total raised it; null if it was an entry.",
        "2026-01-31",
        null=True,
        format="date",
    )
    running = declare(
        _show_total(lambda total: total.is_running), "Whether that day was not over yet.", example=True, null=True
    )
    periods = declare(_show_total(lambda total: total.periods), "Days with an anomalous total so far.", 1, null=True)
    first_period = declare(
        _show_total(lambda total: _show_day(total.first_period)), *FIRST_PERIOD, null=True, format="date"
    )
    last_period = declare(
        _show_total(lambda total: _show_day(total.last_period)), *LAST_PERIOD, null=True, format="date"
    )
    amount = declare(
        _show_spend(lambda spend: units(spend.amount)), "The amount of the entry or day.", 500.5, null=True
    )
    mean = declare(_show_spend(lambda spend: spend.mean), "The mean before it, or the usual amount.", 50.25, null=True)
    stddev = declare(_show_spend(lambda spend: spend.stddev), "The standard deviation.", 26.52, null=True)
    z = declare(_show_spend(lambda spend: spend.z), "(amount − mean)/stddev.", 16.98, null=True)
    score = declare(
        _show_spend(lambda spend: spend.z if spend.score is None else spend.score),
        "The figure that was compared with the threshold.",
        16.98,
        null=True,
    )
    cause = declare(_show_spend(lambda spend: spend.cause), *CAUSE, null=True, enum=[*CAUSES, None])
    n = declare(_show_spend(lambda spend: spend.n), "Number of entries that it was compared with.", 20, null=True)
    impact = declare(_show_impact, *IMPACT, null=True)
    limit = declare(
        _show_total(lambda total: units(total.limit)),
        "The largest total of that day that would have been no anomaly.",
        150.0,
        null=True,
    )
    not_sent = declare(
        lambda alert: NotSent.NO_DESTINATION if alert.delivery.status is AlertStatus.NO_DESTINATION else None,
        "no_destination if no destination is configured; else null.",
        "no_destination",
        null=True,
    )

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
        names = ("last_answer", "sent_at", "anomaly", "entry", "timestamp", "imported", *_FIGURES, *_OF_TOTALS)
        texts = dict.fromkeys(("service", "provider", "account", "region", "currency"), "")
        new = {"id": "test-5f0c2d9a41b7e386-1", "kind": "test", "state": "pending", "attempts": 0, "contributors": []}
        return cls.example() | dict.fromkeys(names) | texts | new


class AlertsQuery(TimedListing):
    """The parameters of GET /alerts/; times are those when alerts were raised."""

    status = one_of(AlertStatus, "Only those in this state.", name="state")
    order = order("desc", "By created_at, then by id: newest first, or oldest first.")
    after = cursor(cursors.ALERTS)
