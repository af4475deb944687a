"""Marking: what must be folded although nothing arrived."""

from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ALL, Group
from kumo.domain.totals.folding import TotalStatus
from kumo.engine import ingest
from kumo.engine.totals import marking
from kumo.services import Services
from kumo.store import feed, things
from tests.conftest import Build
from tests.engine.detection.arrivals import judge_all
from tests.engine.totals.rest import bring_to_rest

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

EC2 = Series("EC2", "USD", "aws", "prod", "eu")
TODAY = 20_500


def at(services: Services, day: int) -> Services:
    return replace(services, clock=lambda: day * DAY_MS + DAY_MS // 2)


def send_daily(services: Services) -> None:
    for day in range(TODAY - 30, TODAY + 1):
        ingest.ingest(services, [Entry(EC2, (100 + day % 5) * 10**6, day * DAY_MS)])


def status_of(services: Services, day: int, thing: str = EC2.id) -> TotalStatus:
    return things.read_periods(services.store, [thing], day, day)[thing][day].status


def test_a_day_is_judged_as_over_once_the_next_has_begun(services: Services) -> None:
    today = at(services, TODAY)
    send_daily(today)
    bring_to_rest(today)
    assert status_of(services, TODAY) is TotalStatus.RUNNING
    tomorrow = at(services, TODAY + 1)
    bring_to_rest(tomorrow)
    assert status_of(services, TODAY) is TotalStatus.NORMAL


def test_nothing_is_marked_twice(services: Services) -> None:
    today = at(services, TODAY)
    send_daily(today)
    bring_to_rest(today)
    marking.mark_moved(at(services, TODAY + 1))
    assert feed.find_unfolded(services.store)
    bring_to_rest(at(services, TODAY + 1))
    marking.mark_moved(at(services, TODAY + 1))
    assert not feed.find_unfolded(services.store)


def test_another_detector_knows_the_history_at_once(build: Build) -> None:
    plain = at(build(KUMO_DETECTOR="zscore"), TODAY)
    send_daily(plain)
    bring_to_rest(plain)
    adaptive = at(build(KUMO_DETECTOR="adaptive"), TODAY)
    bring_to_rest(adaptive)
    [period] = things.read_periods(adaptive.store, [EC2.id], TODAY, TODAY)[EC2.id].values()
    assert (period.detector, period.status) == ("adaptive", TotalStatus.RUNNING)
    assert period.usual is not None


def test_a_store_without_verdicts_on_totals_gets_them_and_sends_nothing(services: Services) -> None:
    today = at(services, TODAY)
    send_daily(today)
    bring_to_rest(today)
    partition = services.store.partition(EC2.id)
    services.store.client.delete(partition.things, partition.rolled, f"{partition.periods}{EC2.id}:{TODAY // 256}")
    bring_to_rest(today)
    assert status_of(services, TODAY) is TotalStatus.RUNNING


def test_a_day_that_ends_before_the_next_sweep_is_judged_as_over_too(services: Services) -> None:
    today = at(services, TODAY)
    marking.mark_moved(today)
    send_daily(today)
    judge_all(today)
    assert status_of(services, TODAY) is TotalStatus.RUNNING
    bring_to_rest(at(services, TODAY + 1))
    assert status_of(services, TODAY) is TotalStatus.NORMAL


def test_groups_are_folded_again_once_a_provider_begins_to_matter(services: Services) -> None:
    """Of a provider with bills, days are over later; it counts for all costs once it makes a notable part of them."""
    now = at(services, TODAY)
    send_daily(now)
    bill = Series("VM", "USD", "gcp", "prod", "eu")
    rows = [Entry(bill, 10_000, day * DAY_MS, external_id=f"{day}") for day in range(TODAY - 30, TODAY - 2)]
    ingest.ingest(now, rows)
    now.store.client.hset(now.store.partitions[0].progress, "USD gcp", f"{TODAY - 3} 1")  # as after an import
    bring_to_rest(now)
    before = marking.describe_running(now, marking.calendar.read(now, {}))["USD"]
    ingest.ingest(now, [replace(row, amount=90 * 10**6) for row in rows])
    bring_to_rest(now)
    after = marking.describe_running(now, marking.calendar.read(now, {}))["USD"]
    assert (before, after) == (str(TODAY), str(TODAY - 4))
    assert status_of(services, TODAY - 4, Group(ALL, (), "USD").id) is TotalStatus.RUNNING
