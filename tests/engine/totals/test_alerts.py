"""The alerts about totals: what each says of its series or group, and of the only entry of its day."""

from dataclasses import replace

import pytest

from kumo.domain.alerts import Alert, AlertKind, SpendChange
from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import Group
from kumo.domain.judging import Cause
from kumo.domain.tracking import Raised, Rules, track
from kumo.engine import ingest
from kumo.engine.totals.alerts import build_alerts
from kumo.services import Services
from tests.totals import ANOMALOUS

UNIT = 10**6
DAY = 20_000  # 4 October 2024
SERIES = Series("AWS EC2", "USD", "AWS", "prod", "eu-west-1")
GROUP = Group("account,service", ("prod", "AWS EC2"), "USD")
PERIOD = ANOMALOUS._replace(cause=Cause.NEW_HIGH, chance=None)


def raise_one(group: Group | None = None, kind: AlertKind = AlertKind.OPENED, **changes: object) -> Raised:
    thing = group.id if group else SERIES.id
    rules = Rules(thing_id=thing, calm_to_close=3, find_reason=lambda _: None, is_too_old=lambda _: False, group=group)
    [raised] = track([], [PERIOD], rules).alerts
    anomaly: Anomaly = replace(raised.anomaly, **changes)  # type: ignore[arg-type]  # the caller knows the types
    return raised._replace(anomaly=anomaly, kind=kind)


def build_one(services: Services, raised: Raised, running: dict[str, int] | None = None) -> tuple[Alert, SpendChange]:
    [alert] = build_alerts(services, [raised], running or {}, {raised.anomaly.series_id: 7})
    assert alert.spend is not None
    return alert, alert.spend


def test_a_series_has_its_names_and_figures(services: Services) -> None:
    ingest.ingest(services, [Entry(SERIES, 200 * UNIT, DAY * DAY_MS + number) for number in range(2)])
    raised = raise_one()
    alert, spend = build_one(services, raised)
    assert (alert.id, alert.kind) == (f"{raised.anomaly.id}-1", AlertKind.OPENED)
    assert (spend.series, spend.entry, spend.timestamp, spend.arrived_at) == (SERIES, "", DAY * DAY_MS, 7)
    assert (spend.amount, spend.mean, spend.impact, spend.score) == (400 * UNIT, 100.0, 300 * UNIT, 12.5)
    assert spend.cause is Cause.NEW_HIGH
    total = spend.total
    assert total is not None
    assert total.scope == {"provider": "AWS", "account": "prod", "service": "AWS EC2", "region": "eu-west-1"}
    assert (total.group, total.period, total.usual, total.limit) == ("", "2024-10-04", 100 * UNIT, 150 * UNIT)
    assert (total.periods, total.excess, total.is_running) == (1, 300 * UNIT, False)


def test_the_only_entry_of_a_day_is_named_with_what_it_consists_of(services: Services) -> None:
    entry = Entry(SERIES, 400 * UNIT, DAY * DAY_MS + 5, contributors=tuple((f"i-{n}", 100 * UNIT) for n in range(4)))
    recorded = ingest.ingest(services, [entry, replace(entry, timestamp=(DAY + 1) * DAY_MS)])
    _, spend = build_one(services, raise_one())
    assert spend.entry == recorded[0].id
    assert spend.contributors == tuple((f"i-{n}", 100 * UNIT) for n in range(3))


def test_a_group_has_the_names_that_it_fixes(services: Services) -> None:
    _, spend = build_one(services, raise_one(GROUP))
    assert spend.series == Series("AWS EC2", "USD", account="prod")
    assert spend.total is not None
    assert (spend.total.group, spend.total.scope) == (GROUP.id, {"account": "prod", "service": "AWS EC2"})
    _, spend = build_one(services, raise_one(Group("tag:team", ("search",), "EUR")))
    assert spend.series == Series("", "EUR")
    assert spend.total is not None
    assert spend.total.scope == {"tag:team": "search"}


@pytest.mark.parametrize(("first_running", "is_running"), [(DAY, True), (DAY + 1, False)])
def test_a_day_that_is_not_over_is_marked(services: Services, first_running: int, is_running: bool) -> None:  # noqa: FBT001
    _, spend = build_one(services, raise_one(GROUP), {GROUP.id: first_running})
    assert spend.total is not None
    assert spend.total.is_running is is_running


def test_a_day_without_entries_any_more_costs_nothing(services: Services) -> None:
    raised = raise_one(GROUP, AlertKind.WITHDRAWN)._replace(period=None)
    _, spend = build_one(services, raised)
    assert (spend.amount, spend.impact, spend.score) == (0, 0, None)
    assert spend.total is not None
    assert (spend.total.period, spend.total.usual) == ("2024-10-04", None)


def test_falls_and_new_values_are_named(services: Services) -> None:
    ingest.ingest(services, [Entry(SERIES, UNIT, DAY * DAY_MS)])
    raised = raise_one(GROUP, offset_by=((SERIES.id, 90 * UNIT),))
    [alert] = build_alerts(services, [raised], {}, new_values={raised.anomaly.id: ["search", "ads"]})
    assert alert.spend is not None
    assert alert.spend.total is not None
    assert alert.spend.total.falls == (("AWS EC2 in account prod, region eu-west-1", 90 * UNIT),)
    assert alert.spend.total.new_values == ("search", "ads")
