"""Promise 2: sums are exact after any history, and z is right to twelve digits."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain import moments
from kumo.domain.entries import entry_id
from kumo.domain.judging import Status
from kumo.engine import ingest
from kumo.engine.ops import verification
from kumo.engine.queries import daily_sums, lookup
from kumo.engine.queries.views import DailyTotal
from kumo.services import Services
from kumo.store import series as store_series
from tests.conftest import Build
from tests.engine.detection.arrivals import (
    SERIES,
    START,
    Arrival,
    Model,
    everything,
    histories,
    judge_all,
    send,
    z_squared,
)

pytestmark = [pytest.mark.slow, pytest.mark.settings(KUMO_DETECTOR="zscore")]

WINDOW = 12

# The fixture only names the server; each example empties it itself.
on_one_server = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def replay(history: list[Arrival]) -> tuple[dict[int, Model], dict[str, tuple[list[int], int]]]:
    """Return the expected content of each series, and for each entry its window and amount when it was last judged."""
    models = {number: Model(WINDOW) for number in range(len(SERIES))}
    judged: dict[str, tuple[list[int], int]] = {}
    heads = {0: 0}
    for arrival in history:
        entry, model = arrival.entry(), models[arrival.series]
        seq = model.known(entry.external_id)
        if seq is not None and model.entries[seq][1] == entry.amount:
            continue
        heads[0] += 1
        before = model.newest(without=seq)
        seq = seq or heads[0]
        model.entries[seq] = (entry.timestamp, entry.amount, entry.external_id)
        judged[entry_id(entry.series.id, seq)] = (before, entry.amount)
    return models, judged


def check_verdicts(services: Services, judged: dict[str, tuple[list[int], int]]) -> None:
    for cost in lookup.find_costs(services, list(judged)):
        history, amount = judged[cost.id]
        assert cost.verdict is not None
        assert (cost.verdict.n, cost.verdict.amount) == (len(history), amount)
        if len(history) < 10:
            assert cost.status is Status.LEARNING
            continue
        assert cost.verdict.z is not None
        squared = z_squared(history, amount)
        assert abs(cost.verdict.z) == pytest.approx(math.sqrt(squared), rel=1e-12, abs=0)
        above = cost.verdict.z > 0 and squared > 9
        assert (cost.status is Status.ANOMALY) == above


@on_one_server
@given(history=histories)
def test_any_history_leaves_exact_sums_and_right_verdicts(build: Build, history: list[Arrival]) -> None:
    services = build(KUMO_WINDOW=str(WINDOW), KUMO_PARTITIONS="1")
    services.store.client.flushall()
    send(services, history)
    judge_all(services)
    models, judged = replay(history)
    found = {row.series: row.moments for row in lookup.list_series(services, everything()).rows}
    expected = {SERIES[number]: moments.of(m.newest()) for number, m in models.items() if m.entries}
    assert found == expected
    assert list(verification.differences(services)) == []
    check_verdicts(services, judged)


@pytest.mark.parametrize("days", [-300, -1, 1, 300])
def test_a_total_of_a_day_without_entries_is_a_difference(build: Build, days: int) -> None:
    services = build()
    ingest.ingest(services, [Arrival(0, 10**6, 0, None).entry()])
    assert list(verification.differences(services)) == []
    series_id = SERIES[0].id
    block, place = divmod(store_series.day_of(START) + days, store_series.DAYS)
    daily = f"{services.store.partition(series_id).daily}{series_id}:{block}"
    services.store.client.hset(daily, place, "5 0 7000000")
    [bad] = verification.differences(services)
    assert "(5, 7000000)" in bad


@on_one_server
@given(history=histories, windows=st.lists(st.integers(2, 20), min_size=2, max_size=3))
def test_sums_stay_exact_where_the_window_setting_changes(
    build: Build, history: list[Arrival], windows: list[int]
) -> None:
    build().store.client.flushall()
    for size in windows:
        services = build(KUMO_WINDOW=str(size), KUMO_MIN_HISTORY="2")
        fresh = [Arrival(a.series, a.amount + size, a.offset, None) for a in history]
        send(services, [Arrival(number, size, 401, None) for number in range(len(SERIES))])
        send(services, fresh)
        touched = {SERIES[a.series].id for a in history}
        bad = [text for text in verification.differences(services) if any(series in text for series in touched)]
        assert bad == []


def test_ten_to_the_nine_plus_cents_is_exact_through_a_full_window(build: Build) -> None:
    services = build()
    history = [10**15 + 10**4 * i for i in range(250)]
    entries = [Arrival(0, amount, i, None).entry() for i, amount in enumerate(history)]
    ingest.ingest(services, entries)
    judge_all(services)
    (row,) = lookup.list_series(services, everything()).rows
    assert row.moments == moments.of(history[-100:])
    newest = lookup.list_costs(services, everything()).rows[0].verdict
    assert newest is not None
    assert newest.z == pytest.approx(math.sqrt(z_squared(history[-101:-1], history[-1])), rel=1e-12)


def test_daily_totals_hold_the_largest_amounts_exactly(build: Build) -> None:
    services = build()
    send(services, [Arrival(0, 10**18, i, None) for i in range(30)] + [Arrival(0, -1, 50, None)])
    day = datetime.fromtimestamp(START / 1000, tz=UTC).date()
    expected = [DailyTotal(date=day, key="", currency="USD", amount=30 * 10**18 - 1, entries=31)]
    assert daily_sums.sum_days(services, "none", {}, day, day) == expected
