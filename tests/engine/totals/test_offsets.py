"""What offsets the rise of a series, from the totals and verdicts of the others of its service."""

import random
from collections.abc import Mapping

import pytest

from kumo.domain.entries import Entry
from kumo.domain.groups import ALL, SERVICE, Group
from kumo.domain.offsets import Offset, Rise
from kumo.domain.worth import NotSent
from kumo.engine import ingest
from kumo.engine.totals import census, offsets
from kumo.services import Services
from tests.engine.totals.judging import find_anomalies, find_kinds, judge_all
from tests.engine.totals.spending import UNIT, series_of, spend
from tests.engine.totals.verdicts import store_verdicts

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

TODAY = 20_481  # a block of days began the day before
BEFORE = range(TODAY - 10, TODAY)
RISER = series_of(0, service="db", region="new")
OVER = Rise(first=TODAY, last=TODAY, first_running=TODAY + 1)
RUNNING = Rise(first=TODAY, last=TODAY, first_running=TODAY)
SERVICE_ID = Group(SERVICE, ("db",), "USD").id


def fill(services: Services, today: Mapping[int, float], others: float | None = None) -> None:
    """Record a service of which number 0 costs 10 a day, and the others 100; and another service that costs 1000."""
    for number in range(4):
        usual = 100.0 if number else 10.0
        days = dict.fromkeys(BEFORE, usual) | ({TODAY: today[number]} if number in today else {})
        region = "old" if number else "new"
        ingest.ingest(services, spend(number, days, service="DB " if number == 2 else "db", region=region))
        store_verdicts(services, series_of(number, service="db", region=region).id, dict.fromkeys(BEFORE, usual))
    rest = dict.fromkeys(BEFORE, 1000.0) | ({} if others is None else {TODAY: others})
    ingest.ingest(services, spend(9, rest, service="other"))
    store_verdicts(services, SERVICE_ID, dict.fromkeys(BEFORE, 310.0), limit=330.0)
    store_verdicts(services, Group(ALL, (), "USD").id, dict.fromkeys(BEFORE, 1310.0))


def find(services: Services, rise: Rise, units: float = 90.0) -> Offset | None:
    return offsets.find(services, RISER, rise, round(units * UNIT))


def test_a_fall_in_another_region_and_account_offsets_a_rise(services: Services) -> None:
    fill(services, {0: 100.0, 1: 10.0, 2: 100.0, 3: 101.0})
    offset = find(services, OVER)
    assert offset is not None
    assert offset.silences
    assert [(fall.series_id, fall.micros) for fall in offset.falls] == [
        (series_of(1, service="db", region="old").id, 90 * UNIT)
    ]


@pytest.mark.parametrize(
    ("today", "why"),
    [
        ({0: 140.0, 1: 100.0, 2: 100.0, 3: 100.0}, "nothing fell"),
        ({0: 440.0, 1: 10.0, 2: 100.0, 3: 100.0}, "the service as a whole costs more than it may"),
    ],
)
def test_a_rise_that_is_not_offset(services: Services, today: Mapping[int, float], why: str) -> None:
    fill(services, today)
    assert find(services, OVER) is None, why


def test_a_fall_in_a_running_day_counts_once_it_is_over_or_the_day_is_whole(services: Services) -> None:
    today = {0: 100.0, 1: 10.0, 2: 100.0, 3: 100.0}
    fill(services, today)
    assert find(services, RUNNING) is None
    fill(services, today, others=660.0)  # two thirds of the day
    assert find(services, RUNNING) is None
    fill(services, today, others=990.0)
    offset = find(services, RUNNING)
    assert offset is not None
    assert offset.silences


def test_a_service_without_a_verdict_offsets_nothing(services: Services) -> None:
    fill(services, {0: 100.0, 1: 10.0, 2: 100.0, 3: 100.0})
    services.store.client.delete(*(f"{services.store.partition(SERVICE_ID).periods}{SERVICE_ID}:{b}" for b in (79, 80)))
    assert find(services, OVER) is None


def test_a_series_that_is_alone_in_its_service_has_no_offset(services: Services) -> None:
    ingest.ingest(services, spend(0, {TODAY: 100.0}, service="db", region="new"))
    assert find(services, OVER) is None


def test_a_migration_is_one_when_the_detector_has_learned_it(services: Services) -> None:
    fill(services, {0: 100.0, 1: 10.0, 2: 100.0, 3: 100.0})
    later = TODAY + 9
    for number, amount in {0: 100.0, 1: 10.0, 2: 100.0, 3: 100.0}.items():
        region = "old" if number else "new"
        ingest.ingest(services, spend(number, {later: amount}, service="db", region=region))
        store_verdicts(services, series_of(number, service="db", region=region).id, {later: amount})
    store_verdicts(services, SERVICE_ID, {later: 310.0}, limit=330.0)
    offset = find(services, Rise(first=TODAY, last=later, first_running=later + 1))
    assert offset is not None
    assert offset.silences


USUAL = {("db", "old"): 100.0, ("db", "new"): 20.0, ("web", "old"): 300.0, ("api", "old"): 500.0}


def spend_all(days: range, moved: Mapping[tuple[str, str], float] | None = None) -> list[Entry]:
    """Return what three services spend, one of them in two regions."""
    rng = random.Random(days.start)
    return [
        entry
        for (service, region), units in {**USUAL, **(moved or {})}.items()
        for entry in spend(
            0, {day: units * rng.lognormvariate(0, 0.03) for day in days}, service=service, region=region
        )
    ]


@pytest.mark.settings(KUMO_DETECTOR="adaptive", KUMO_ALERT_MAX_AGE="3")
@pytest.mark.parametrize("falls", [True, False])
def test_a_migration_raises_no_alert_on_its_first_day_nor_later(services: Services, *, falls: bool) -> None:
    now = judge_all(services, spend_all(range(TODAY - 40, TODAY - 20)), day=TODAY - 20)
    census.take(now)
    now = judge_all(now, spend_all(range(TODAY - 20, TODAY)), day=TODAY - 1)
    moved = {("db", "new"): 110.0} | ({("db", "old"): 10.0} if falls else {})
    for day in range(TODAY, TODAY + 8):
        now = judge_all(now, spend_all(range(day, day + 1), moved), day=day)
    rise = next(each for each in find_anomalies(now) if each.series_id == series_of(0, service="db", region="new").id)
    assert (rise.not_sent, rise.told) == ((NotSent.OFFSET, False) if falls else (None, True))
    assert [series for series, _ in rise.offset_by] == [series_of(0, service="db", region="old").id] * falls
    assert bool(find_kinds(now)) is not falls
