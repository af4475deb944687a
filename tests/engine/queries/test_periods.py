"""Totals of days and hours show what they came to now, and what the judge knows of that."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.totals.folding import Direction, TotalStatus
from kumo.domain.totals.periods import HOUR_MS, Grain
from kumo.engine import ingest
from kumo.engine.queries import lookup, periods
from kumo.engine.queries.views import PeriodState, PeriodStatus, Query
from kumo.errors import InvalidQueryError, NotFoundError
from kumo.services import Services
from tests.verdicts import make_period, store_period

DAY = 20_480
EC2 = Series("EC2", "USD", account="prod")
TAX = Series("EC2", "USD", account="prod", charge_category="tax")


def record(services: Services, *amounts: int, day: int = DAY, series: Series = EC2, hour: int = 0) -> None:
    rows = [Entry(series, amount * 10**6, day * DAY_MS + hour * HOUR_MS + n) for n, amount in enumerate(amounts)]
    ingest.ingest(services, rows)


def read(services: Services, series: Series = EC2, grain: Grain = Grain.DAY) -> list[PeriodState]:
    return list(periods.list_periods(services, series.id, grain, Query(newest_first=False)).rows)


def test_a_total_that_nobody_has_judged_is_pending(services: Services) -> None:
    record(services, 1, 2)
    record(services, 4, day=DAY + 300)
    found = [(state.period.text, state.total.micros, state.total.entries, state.status) for state in read(services)]
    assert found == [
        ("2026-01-27", 3_000_000, 2, PeriodStatus.PENDING),
        ("2026-11-23", 4_000_000, 1, PeriodStatus.PENDING),
    ]


@pytest.mark.parametrize("status", TotalStatus)
def test_a_judged_total_has_the_status_of_its_verdict(services: Services, status: TotalStatus) -> None:
    record(services, 60)
    store_period(services.store, EC2.id, make_period(DAY, 60_000_000, status))
    [state] = read(services)
    assert state.status == PeriodStatus(status)
    assert state.verdict == make_period(DAY, 60_000_000, status)


def test_a_total_that_has_changed_since_is_pending_without_a_verdict(services: Services) -> None:
    record(services, 60)
    store_period(services.store, EC2.id, make_period(DAY, 50_000_000))
    [state] = read(services)
    assert (state.status, state.verdict) == (PeriodStatus.PENDING, None)


@pytest.mark.parametrize(("amount", "direction"), [(40, None), (50, None), (100, Direction.ABOVE)])
def test_a_running_total_that_has_grown_up_to_its_limit_is_still_running(
    services: Services, amount: int, direction: Direction | None
) -> None:
    record(services, amount)
    store_period(services.store, EC2.id, make_period(DAY, 30_000_000, TotalStatus.RUNNING))
    [state] = read(services)
    assert state.status is PeriodStatus.RUNNING
    assert state.verdict
    assert (state.verdict.score, state.verdict.direction) == (None, direction)


def test_a_running_total_above_its_limit_waits_for_the_judge(services: Services) -> None:
    record(services, 101)
    store_period(services.store, EC2.id, make_period(DAY, 30_000_000, TotalStatus.RUNNING))
    assert [state.status for state in read(services)] == [PeriodStatus.PENDING]


def test_verdicts_from_the_oldest_change_on_are_pending(services: Services) -> None:
    for day in range(DAY, DAY + 3):
        record(services, 60, day=day)
        store_period(services.store, EC2.id, make_period(day, 60_000_000))
    services.store.client.execute_command(  # type: ignore[attr-defined]  # a client of one server
        "ZADD", services.store.partition(EC2.id).unfolded, DAY + 1, EC2.id
    )
    assert [state.status for state in read(services)] == [
        PeriodStatus.NORMAL,
        PeriodStatus.PENDING,
        PeriodStatus.PENDING,
    ]
    costs = lookup.list_costs(services, Query(newest_first=False)).rows
    assert [cost.total and cost.total.status for cost in costs] == [state.status for state in read(services)]


def test_costs_that_are_no_usage_are_excluded(services: Services) -> None:
    record(services, 7, series=TAX)
    [state] = read(services, TAX)
    assert (state.status, state.total.micros, state.excluded.micros) == (PeriodStatus.EXCLUDED, 7_000_000, 7_000_000)
    assert [each.status for each in read(services, TAX, Grain.HOUR)] == [PeriodStatus.EXCLUDED]


def test_hours_are_summed_and_not_judged(services: Services) -> None:
    record(services, 1, 2, hour=5)
    record(services, 4, hour=23)
    found = [(state.period.text, state.total.micros, state.total.entries) for state in read(services, grain=Grain.HOUR)]
    assert found == [("2026-01-27T05:00:00Z", 3_000_000, 2), ("2026-01-27T23:00:00Z", 4_000_000, 1)]
    assert {state.status for state in read(services, grain=Grain.HOUR)} == {PeriodStatus.UNJUDGED}


def test_hours_are_those_of_five_weeks(services: Services) -> None:
    for day in (0, 34, 35, 36):
        record(services, 1, day=DAY + day)
    assert [state.period.day.number - DAY for state in read(services, grain=Grain.HOUR)] == [34, 35, 36]


def test_hours_of_too_many_costs_are_refused(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "MOST_ENTRIES", 3)
    record(services, 1, 2, 3)
    assert len(read(services, grain=Grain.HOUR)) == 1
    record(services, 1, hour=1)
    with pytest.raises(InvalidQueryError) as refusal:
        read(services, grain=Grain.HOUR)
    assert refusal.value.errors[0].field == "from"


def test_only_periods_that_begin_in_the_range_are_listed(services: Services) -> None:
    for hour in range(4):
        record(services, 1, hour=hour)
        record(services, 1, day=DAY + hour)
    query = Query(low=DAY * DAY_MS + 1, high=(DAY + 2) * DAY_MS)
    found = periods.list_periods(services, EC2.id, Grain.DAY, query).rows
    assert [state.period.number - DAY for state in found] == [2, 1]
    query = Query(low=DAY * DAY_MS + 1, high=DAY * DAY_MS + 2 * HOUR_MS)
    found = periods.list_periods(services, EC2.id, Grain.HOUR, query).rows
    assert [state.period.number % 24 for state in found] == [2, 1]


def test_a_series_that_there_is_not_has_no_periods(services: Services) -> None:
    for name in ("x", "a" * 16, "A" * 16):
        with pytest.raises(NotFoundError):
            periods.list_periods(services, name, Grain.DAY, Query())


def test_a_cost_shows_the_total_of_its_day(services: Services) -> None:
    record(services, 60, 30)
    record(services, 7, series=TAX)
    store_period(services.store, EC2.id, make_period(DAY, 90_000_000, TotalStatus.ANOMALY))
    costs = lookup.list_costs(services, Query(newest_first=False)).rows
    totals = {cost.entry.amount: cost.total for cost in costs}
    assert {total and (total.total.micros, total.status) for total in totals.values()} == {
        (90_000_000, PeriodStatus.ANOMALY),
        (7_000_000, PeriodStatus.EXCLUDED),
    }
    [cost] = [cost for cost in costs if cost.entry.amount == 30_000_000]
    assert lookup.find_cost(services, cost.id) == cost
