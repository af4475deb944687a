"""Totals judged on the product: whatever the order in which entries come, the same follows at rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ALL, Group, groups_of_series
from kumo.domain.judging import Status
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.engine import ingest
from kumo.engine.detection import judge
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import things
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all
from tests.engine.totals.rest import bring_to_rest

UNIT = 10**6
TODAY = 20_500
DAYS = 30
SERIES = [
    Series("EC2", "USD", "aws", "prod", "eu"),
    Series("S3", "USD", "aws", "prod", "eu"),
    Series("EC2", "USD", "aws", "test", "us"),
]

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4", KUMO_MIN_IMPACT="0", KUMO_MIN_SHARE="0")


@pytest.fixture(autouse=True)
def services(services: Services) -> Services:
    return at(services, TODAY)


def at(services: Services, day: int) -> Services:
    """Return the services in the middle of a day."""
    return replace(services, clock=lambda: day * DAY_MS + DAY_MS // 2)


def cost(series: Series, day: int, units: float, name: str = "") -> Entry:
    return Entry(series, round(units * UNIT), day * DAY_MS, external_id=name)


def usual(series: Series, day: int) -> float:
    return 100 + (7 * day + len(series.service)) % 5


def send_usual(services: Services, series: Sequence[Series] = tuple(SERIES), days: int = DAYS) -> None:
    """Send what is usual until yesterday, day by day."""
    for day in range(TODAY - days, TODAY):
        ingest.ingest(services, [cost(each, day, usual(each, day)) for each in series])


def read_today(services: Services, thing: str) -> JudgedPeriod:
    return things.read_periods(services.store, [thing], TODAY, TODAY)[thing][TODAY]


def find_anomalies(services: Services) -> list[Any]:
    return [row.anomaly for row in lookup.list_anomalies(services, everything()).rows]


def test_the_only_cost_of_a_day_has_the_verdict_of_its_total(services: Services) -> None:
    send_usual(services, SERIES[:1])
    [recorded] = ingest.ingest(services, [cost(SERIES[0], TODAY, 180)])
    judge_all(services)
    verdict, period = lookup.find_cost(services, recorded.id).verdict, read_today(services, SERIES[0].id)
    assert verdict is not None
    assert (verdict.status, verdict.of_total, verdict.score) == (Status.ANOMALY, True, pytest.approx(period.score))
    assert verdict.n == DAYS
    [anomaly] = find_anomalies(services)
    assert (verdict.anomaly, anomaly.entries, anomaly.periods) == (anomaly.id, 0, 1)
    [alert] = lookup.list_alerts(services, everything()).rows
    assert alert.spend is not None
    assert (alert.spend.entry, alert.spend.amount) == (recorded.id, 180 * UNIT)


def test_many_small_costs_raise_an_alert_and_none_of_them_is_an_anomaly(services: Services) -> None:
    for day in range(TODAY - DAYS, TODAY):
        costs = [Entry(SERIES[0], 20_000, day * DAY_MS + minute * 60_000) for minute in range(20)]
        ingest.ingest(services, costs)
    judge_all(services)
    ingest.ingest(services, [Entry(SERIES[0], 20_000, TODAY * DAY_MS + second * 1_000) for second in range(400)])
    judge_all(services)
    statuses = {row.status for row in lookup.list_costs(services, everything()).rows}
    assert statuses <= {Status.NORMAL, Status.LEARNING}
    [anomaly] = find_anomalies(services)
    assert (anomaly.periods, anomaly.last_period, anomaly.alerts) == (1, TODAY, 1)


def test_one_large_cost_among_many_is_one_anomaly_with_its_day(services: Services) -> None:
    for day in range(TODAY - DAYS, TODAY):
        costs = [Entry(SERIES[0], 50 * UNIT, day * DAY_MS + hour * 3_600_000) for hour in range(20)]
        ingest.ingest(services, costs)
    judge_all(services)
    [large] = ingest.ingest(services, [cost(SERIES[0], TODAY, 6478)])
    judge_all(services)
    [anomaly] = find_anomalies(services)
    assert (anomaly.entries, anomaly.periods, anomaly.alerts) == (1, 1, 1)
    assert lookup.find_cost(services, large.id).status is Status.ANOMALY


def test_a_restatement_below_the_limit_withdraws_what_a_running_total_said(services: Services) -> None:
    send_usual(services, SERIES[:1])
    ingest.ingest(services, [cost(SERIES[0], TODAY, 180, "today")])
    judge_all(services)
    ingest.ingest(services, [cost(SERIES[0], TODAY, 101, "today")])
    judge_all(services)
    assert read_today(services, SERIES[0].id).status is TotalStatus.RUNNING
    [anomaly] = find_anomalies(services)
    assert anomaly.status.value == "withdrawn"


def test_a_total_loses_its_verdict_with_its_last_entry(services: Services) -> None:
    send_usual(services, SERIES[:1])
    ingest.ingest(services, [cost(SERIES[0], TODAY, 180, "today")])
    judge_all(services)
    services.store.client.zrem(services.store.partition(SERIES[0].id).unfolded, "none")
    ingest.ingest(services, [cost(SERIES[0], TODAY, 0, "today")])
    judge_all(services)
    assert read_today(services, SERIES[0].id).micros == 0


@dataclass(frozen=True)
class Sent:
    """One cost of a history: of a series, on a day counted back from today, restated if its name comes twice."""

    series: int
    back: int
    units: int

    def entry(self) -> Entry:
        return cost(SERIES[self.series], TODAY - self.back, self.units, f"{self.back}")


sent = st.builds(
    Sent,
    series=st.integers(0, 2),
    back=st.integers(0, 40),
    units=st.sampled_from([100, 101, 99, 103, 400, 0, -50]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("detector", ["adaptive", "zscore"])
@given(history=st.lists(sent, max_size=60), limit=st.sampled_from([1, 7, 500]), data=st.data())
def test_verdicts_and_states_of_totals_follow_from_the_totals_alone(
    build: Build, detector: str, history: list[Sent], limit: int, data: st.DataObject
) -> None:
    final = {(each.series, each.back): each for each in history}
    in_order = sorted(final.values(), key=lambda each: (-each.back, each.series))
    shuffled = data.draw(st.permutations(in_order))
    found = []
    for order, size in ((in_order, 500), (history, limit), ([*history, *shuffled], limit)):
        services = at(build(KUMO_DETECTOR=detector, KUMO_PARTITIONS="4"), TODAY)
        services.store.client.flushall()
        services.check_layout()
        for each in order:
            ingest.ingest(services, [each.entry()])
            if size == 1:
                judge.judge_slice(services, services.store.partition(SERIES[each.series].id), size)
        bring_to_rest(services)
        found.append(read_everything(services))
    assert found[1] == found[2] == found[0]


def read_everything(services: Services) -> dict[str, Any]:
    """Return rows and verdicts of all series and groups."""
    ids = {each.id for each in SERIES} | {group.id for each in SERIES for group in groups_of_series(each)}
    rows = {}
    for partition in services.store.partitions:
        mine = sorted(each for each in ids if services.store.partition(each) == partition)
        rows |= things.read_rows(services.store, partition, mine)
    periods = things.read_periods(services.store, sorted(ids), TODAY - 60, TODAY)
    return {each: (rows[each].days, rows[each].alarms, periods[each]) for each in sorted(ids)}


def test_groups_are_judged_once_their_currency_has_ten_complete_days(services: Services) -> None:
    send_usual(services)
    bring_to_rest(services)
    whole = Group(ALL, (), "USD").id
    ingest.ingest(services, [cost(each, TODAY, 1.4 * usual(each, TODAY)) for each in SERIES])
    bring_to_rest(services)
    assert read_today(services, whole).status is TotalStatus.ANOMALY
    assert whole in {anomaly.series_id for anomaly in find_anomalies(services)}


@pytest.mark.parametrize("days_later", [0, 1])
def test_what_is_restated_and_restated_back_between_two_folds_does_not_stay_pending(
    services: Services, days_later: int
) -> None:
    send_usual(services, SERIES[:1])
    now = at(services, TODAY + days_later)
    [recorded] = ingest.ingest(now, [cost(SERIES[0], TODAY, 101, "restated")])
    judge_all(now)
    status = lookup.find_cost(now, recorded.id).status
    for units in (102, 101):
        ingest.ingest(now, [cost(SERIES[0], TODAY, units, "restated")])
        judge.judge_slice(now, now.store.partition(SERIES[0].id), limit=1, pace=judge.Pace())
    assert lookup.find_cost(now, recorded.id).status is Status.PENDING
    bring_to_rest(now)
    assert lookup.find_cost(now, recorded.id).status is status
