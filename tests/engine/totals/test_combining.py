"""Combining: the total of a group is the sum of the shares, and what must be folded is marked."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ALL, Group
from kumo.engine import ingest
from kumo.engine.totals import combining
from kumo.services import Services
from kumo.store import changes, feed, groups, things

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

WHOLE = Group(ALL, (), "USD").id
MANY = [Series(f"service {number}", "USD") for number in range(12)]


def send(services: Services, micros: int, day: int) -> None:
    ingest.ingest(services, [Entry(each, micros, day * DAY_MS, external_id=f"{day}") for each in MANY])


def combine_all(services: Services) -> int:
    return sum(combining.combine(services, partition).settled for partition in services.store.partitions)


def total(services: Services, day: int) -> int:
    return groups.read_totals(services.store, [WHOLE], day, day)[WHOLE].get(day, groups.NO_SHARE).judged.micros


def test_the_total_is_the_sum_of_all_partitions_and_its_group_is_to_be_folded(services: Services) -> None:
    today = services.clock() // DAY_MS
    send(services, 5, today)
    send(services, 7, today - 300)
    assert combine_all(services) > 0
    assert (total(services, today), total(services, today - 300)) == (12 * 5, 12 * 7)
    home = services.store.partition(WHOLE)
    assert things.read_unfolded(services.store, home, 1_000)[WHOLE] == today - 300
    assert changes.find_partitions(services.store) == []
    assert combine_all(services) == 0


def test_restated_days_are_combined_again_and_days_without_costs_go(services: Services) -> None:
    today = services.clock() // DAY_MS
    send(services, 5, today)
    combine_all(services)
    send(services, 9, today)
    combine_all(services)
    assert total(services, today) == 12 * 9


@pytest.mark.parametrize("point", ["combine.hints", "combine.read", "combine.stored", "combine.settled"])
def test_a_judge_that_dies_at_any_point_loses_nothing(services: Services, point: str) -> None:
    class KilledError(Exception):
        pass

    def die(name: str) -> None:
        if name == point:
            raise KilledError

    today = services.clock() // DAY_MS
    send(services, 5, today)
    object.__setattr__(services, "failpoint", die)
    for partition in changes.find_partitions(services.store):
        with pytest.raises(KilledError):
            combining.combine(services, partition)
    object.__setattr__(services, "failpoint", lambda _: None)
    combine_all(services)
    assert total(services, today) == 12 * 5
    assert WHOLE in things.read_unfolded(services.store, services.store.partition(WHOLE), 1_000)


def test_a_slower_judge_stores_nothing_and_leaves_the_hints(services: Services) -> None:
    today = services.clock() // DAY_MS
    send(services, 5, today)
    home = services.store.partition(WHOLE)
    [source, *_] = changes.find_partitions(services.store)

    def overtake(name: str) -> None:
        if name == "combine.read":
            services.store.client.incr(home.version)

    object.__setattr__(services, "failpoint", overtake)
    assert combining.combine(services, source).left
    object.__setattr__(services, "failpoint", lambda _: None)
    assert total(services, today) == 0
    combine_all(services)
    assert total(services, today) == 12 * 5
    assert feed.read_fence(services.store, home).version > 1
