"""Hours of series that come hourly: judged beside the days, whatever the order in which entries come."""

from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.judging import Cause
from kumo.domain.totals.folding import TotalStatus
from kumo.domain.totals.periods import HOUR_MS, Grain
from kumo.engine import ingest
from kumo.engine.queries import lookup, periods
from kumo.engine.queries.views import PeriodStatus, Query
from kumo.services import Services
from kumo.store import hours, things
from tests.engine.detection.arrivals import everything
from tests.engine.totals.rest import bring_to_rest

UNIT = 10**6
TODAY = 30_000  # in the future of the server, where hours expire
CALLS = Series("calls", "USD", "aws", "prod")

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4", KUMO_MIN_IMPACT="0", KUMO_MIN_SHARE="0")


def at(services: Services, hour: int) -> Services:
    return replace(services, clock=lambda: hour * HOUR_MS + HOUR_MS // 2)


def costs(hour: int, count: int = 3, units: float = 1.0) -> list[Entry]:
    """Return some costs of an hour, each a little different."""
    return [Entry(CALLS, round(units * UNIT) + 10_000 * (hour % 5), hour * HOUR_MS + 1_000 * n) for n in range(count)]


def send_usual(services: Services, days: int, step: int = 1) -> None:
    first = (TODAY - days) * 24
    entries = [entry for hour in range(first, TODAY * 24, step) for entry in costs(hour)]
    for start in range(0, len(entries), 1_000):
        ingest.ingest(services, entries[start : start + 1_000])


def read_hour(services: Services, hour: int) -> TotalStatus | None:
    found = hours.read_periods(services.store, CALLS.id, hour, hour)
    return found[hour].status if hour in found else None


def test_an_hour_above_its_limit_is_an_anomaly_of_its_day_at_once(services: Services) -> None:
    now = at(services, TODAY * 24 + 3)
    send_usual(now, 20)
    bring_to_rest(now)
    for hour in range(TODAY * 24, TODAY * 24 + 3):
        ingest.ingest(now, costs(hour))
    ingest.ingest(now, costs(TODAY * 24 + 3, count=12))
    bring_to_rest(now)
    assert read_hour(now, TODAY * 24 + 2) is TotalStatus.NORMAL
    assert read_hour(now, TODAY * 24 + 3) is TotalStatus.ANOMALY
    listed = periods.list_periods(now, CALLS.id, Grain.HOUR, Query(limit=2)).rows
    assert [state.status for state in listed] == [PeriodStatus.ANOMALY, PeriodStatus.NORMAL]
    day = things.read_periods(now.store, [CALLS.id], TODAY, TODAY)[CALLS.id][TODAY]
    assert (day.status, day.cause) == (TotalStatus.ANOMALY, Cause.HOUR)
    assert day.limit is not None
    assert day.micros < day.limit
    assert day.excess == pytest.approx(9 * UNIT, rel=0.1)
    [row] = lookup.list_anomalies(now, everything()).rows
    assert (row.anomaly.periods, row.anomaly.alerts, row.anomaly.cause) == (1, 1, Cause.HOUR)


def test_a_series_with_few_hours_a_day_is_judged_by_the_day_alone(services: Services) -> None:
    now = at(services, TODAY * 24)
    send_usual(now, 20, step=3)
    bring_to_rest(now)
    assert hours.read_periods(now.store, CALLS.id, (TODAY - 20) * 24, TODAY * 24) == {}


def test_hours_follow_from_the_entries_whatever_their_order(services: Services) -> None:
    found = []
    entries = [entry for hour in range((TODAY - 12) * 24, TODAY * 24) for entry in costs(hour, 2)]
    entries += costs((TODAY - 2) * 24 + 5, count=30)
    for order in (entries, entries[::-1], entries[::2] + entries[1::2]):
        services.store.client.flushall()
        services.check_layout()
        now = at(services, TODAY * 24)
        for start in range(0, len(order), 250):
            ingest.ingest(now, order[start : start + 250])
            bring_to_rest(now)
        rows = hours.read_rows(now.store, now.store.partition(CALLS.id), [CALLS.id])
        judged = hours.read_periods(now.store, CALLS.id, (TODAY - 12) * 24, TODAY * 24)
        found.append((rows, judged, things.read_periods(now.store, [CALLS.id], TODAY - 12, TODAY)))
    assert found[0] == found[1] == found[2]
    assert found[0][2][CALLS.id][TODAY - 2].status is TotalStatus.ANOMALY


def test_a_late_cost_of_an_hour_is_judged_again(services: Services) -> None:
    now = at(services, TODAY * 24 + 3)
    send_usual(now, 20)
    bring_to_rest(now)
    hour = TODAY * 24 - 30
    assert read_hour(now, hour) is TotalStatus.NORMAL
    ingest.ingest(now, costs(hour, count=20))
    bring_to_rest(now)
    assert read_hour(now, hour) is TotalStatus.ANOMALY
    assert (TODAY - 2) * DAY_MS <= hour * HOUR_MS < (TODAY - 1) * DAY_MS


def test_a_day_that_grows_after_an_alert_about_an_hour_is_told_again(services: Services) -> None:
    now = at(services, TODAY * 24 + 3)
    send_usual(now, 20)
    bring_to_rest(now)
    ingest.ingest(now, costs(TODAY * 24 + 3, count=12))
    bring_to_rest(now)
    ingest.ingest(now, costs(TODAY * 24 + 3, count=300))
    bring_to_rest(now)
    kinds = [row.kind for row in lookup.list_alerts(now, everything()).rows if row.id.startswith(CALLS.id)]
    assert sorted(kinds) == ["opened", "worsened"]
