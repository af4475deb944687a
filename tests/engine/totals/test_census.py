"""Which groups are judged, and how large the fleet is, from what was recorded."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry
from kumo.domain.groups import ACCOUNT, ALL, REGION, SERVICE, Group
from kumo.domain.worth import FleetDay
from kumo.engine import ingest, sweep
from kumo.engine.detection import judge
from kumo.engine.totals import census
from kumo.services import Services
from kumo.store import census as stored
from kumo.store import fleets, things
from tests.engine.totals.combining import combine
from tests.engine.totals.spending import UNIT, spend

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

FIRST = 20_000
DAYS = 12
TODAY = FIRST + DAYS


def at(services: Services, day: int) -> Services:
    return replace(services, clock=lambda: day * DAY_MS + 1)


def record(services: Services, *entries: Entry) -> Services:
    """Record entries, and return the services at noon of today."""
    ingest.ingest(services, entries)
    combine(services)
    return at(services, TODAY)


def fill(services: Services, count: int = 12, days: int = DAYS) -> Services:
    """Record so many series, each of ten units a day before today."""
    spans = dict.fromkeys(range(TODAY - days, TODAY), 10.0)
    return record(services, *(entry for number in range(count) for entry in spend(number, spans)))


def judged(services: Services, dimension: str, *value: str, currency: str = "USD") -> bool | None:
    group = Group(dimension, value, currency).id
    return stored.read(services.store, services.store.partition(group), [group]).get(group)


def test_groups_of_several_series_are_judged_once_all_costs_have_ten_complete_days(services: Services) -> None:
    now = fill(services)
    census.take(now)
    assert judged(now, ALL)
    assert judged(now, SERVICE, "service 1")  # of two series
    assert judged(now, SERVICE, "service 7") is False
    assert judged(now, ACCOUNT, "account 1") is False
    assert judged(now, ACCOUNT, "never seen") is None


def test_groups_of_a_younger_currency_are_not_judged_until_its_tenth_day_is_complete(services: Services) -> None:
    now = fill(services, days=9)
    census.take(now)
    assert judged(now, ALL) is False
    home = now.store.partition(Group(ALL, (), "USD").id)
    assert now.store.client.zrange(home.unfolded, 0, -1, withscores=False) == []
    tomorrow = at(record(now, *spend(0, {TODAY: 10.0})), TODAY + 1)
    census.take(tomorrow)
    assert judged(tomorrow, ALL)
    assert b"0" not in now.store.client.zrange(home.unfolded, 0, -1, withscores=False)
    assert Group(ALL, (), "USD").id.encode() in now.store.client.zrange(home.unfolded, 0, -1, withscores=False)


def test_a_series_that_has_been_silent_for_long_does_not_count(services: Services) -> None:
    long_ago = dict.fromkeys(range(TODAY - 80, TODAY - 70), 1.0)
    now = record(fill(services), *spend(20, long_ago, service="service 7"), *spend(5, {TODAY - 30: 1.0}, region="mars"))
    record(now, *spend(6, {TODAY - 30: 1.0}, region="mars"))
    census.take(now)
    assert judged(now, SERVICE, "service 7") is False
    assert judged(now, REGION, "mars")


def test_costs_that_are_no_usage_do_not_count(services: Services) -> None:
    taxed = spend(30, {TODAY - 1: 500.0}, service="service 7", charge_category="tax")
    now = record(fill(services), *taxed)
    census.take(now)
    assert judged(now, SERVICE, "service 7") is False
    day = fleets.read(now.store).days["USD"]
    assert day.usual_day == 120 * UNIT


def test_the_fleet_is_what_is_judged_and_has_a_total_on_the_last_complete_day(services: Services) -> None:
    now = fill(services)
    census.take(now)
    # Twelve series; all, the provider, three regions, and four services of two series.
    assert fleets.read(now.store).days == {
        "USD": FleetDay(
            day=TODAY - 1,
            complete_days=DAYS,
            usual_day=120 * UNIT,
            things=12 + 2 + 3 + 4,
            spend=(120 * 4 + 80) * UNIT,
            stored=fleets.read(now.store).stored,
        )
    }


def test_each_currency_has_its_own_last_day(services: Services) -> None:
    ended = dict.fromkeys(range(TODAY - 40, TODAY - 20), 5.0)
    now = record(fill(services), *spend(1, ended, currency="EUR"), *spend(2, ended, currency="EUR"))
    census.take(now)
    days = fleets.read(now.store).days
    assert (days["USD"].day, days["EUR"].day) == (TODAY - 1, TODAY - 21)
    assert days["EUR"].things == 2 + 2  # two series; all and the provider
    assert judged(now, ALL, currency="EUR")


def test_the_largest_groups_of_a_dimension_are_chosen(services: Services) -> None:
    now = fill(services)
    large = dict.fromkeys(range(TODAY - 20, TODAY), 100.0)
    old = dict.fromkeys(range(TODAY - 60, TODAY - 40), 10_000.0)
    record(now, *spend(40, large, service="service 2"), *spend(41, large, service="service 3"))
    record(now, *spend(42, old, service="service 0"))
    census.take(now, most=2)
    assert [bool(judged(now, SERVICE, f"service {number}")) for number in range(8)] == [
        *(False, False, True, True),
        *(False, False, False, False),
    ]


def test_a_census_marks_what_begins_to_be_judged_and_only_that(services: Services) -> None:
    now = fill(services)
    census.take(now)
    for home in now.store.partitions:
        now.store.client.delete(home.unfolded)
    record(now, *spend(50, {TODAY - 1: 5.0}, service="service 7"))
    census.take(now)
    marked = [
        name.decode()
        for home in now.store.partitions
        for name in now.store.client.zrange(home.unfolded, 0, -1, withscores=False)
    ]
    assert marked == [Group(SERVICE, ("service 7",), "USD").id]


@pytest.mark.parametrize(
    ("change", "is_due"),
    [
        (lambda now: now, False),
        (lambda now: at(now, TODAY + 1), True),
        (lambda now: at(now, TODAY - 1), False),  # another machine, whose clock is a little slow
        (lambda now: at(now, TODAY - 300), True),
        (lambda now: record(now, *spend(3, {TODAY - 1: 1.0}, currency="EUR")), False),
        (lambda now: record(now, *spend(3, dict.fromkeys(range(FIRST, TODAY), 1.0), currency="EUR")), True),
        (lambda now: fill(now, count=40), True),
    ],
    ids=["soon", "next day", "slow clock", "wrong clock", "new currency", "ten days of a currency", "many more"],
)
def test_it_is_due_once_a_day_and_when_what_it_says_is_out_of_date(
    services: Services,
    change: Callable[[Services], Services],
    is_due: bool,  # noqa: FBT001 - a case of the table
) -> None:
    now = fill(services)
    assert census.is_due(now)
    census.take(now)
    assert census.is_due(change(now)) is is_due


def test_it_is_due_when_a_history_has_gone_on(services: Services) -> None:
    now = record(services, *spend(0, dict.fromkeys(range(TODAY - 100, TODAY - 50), 1.0)))
    census.take(now)
    assert not census.is_due(now)
    assert census.is_due(record(now, *spend(0, dict.fromkeys(range(TODAY - 50, TODAY - 42), 1.0))))


def test_the_sweep_takes_it_and_no_second_one_at_once(services: Services) -> None:
    now = fill(services)
    sweep.sweep(now)
    assert judged(now, ALL)
    census.take_turn(at(now, TODAY + 1))
    assert stored.find_day(now.store) == TODAY


def test_one_that_was_killed_half_way_is_taken_again(services: Services) -> None:
    now = fill(services)
    left = [3]

    def kill(_: str) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        census.take(replace(now, failpoint=kill))
    assert census.is_due(now)
    census.take(now)
    assert judged(now, ALL)
    assert not census.is_due(now)


def test_what_a_census_has_just_chosen_is_folded_before_it_has_counted_the_fleet(services: Services) -> None:
    now = fill(services)

    def judge_all(_: str) -> None:
        for partition in now.store.partitions:
            judge.judge_partition(now, partition.number)

    census.take(replace(now, failpoint=judge_all))
    judge_all("")
    marks = {each: now.store.client.hgetall(each.census) for each in now.store.partitions}
    chosen = [group.decode() for row in marks.values() for group, mark in row.items() if mark == stored.JUDGED]
    found = things.read_periods(now.store, chosen, TODAY - DAYS, TODAY)
    assert {group: len(days) for group, days in found.items()} == dict.fromkeys(chosen, DAYS)
