"""Lists are walked in the order of their sorted sets, each row once, whatever shares a time or comes and goes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count, islice, product
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.entries import Entry, Series
from kumo.domain.paging import Position
from kumo.store import client, entries, timeline, walk
from kumo.store.client import Store
from kumo.store.timeline import Selection
from kumo.store.walk import Bounds

SETS = ["kumo:{0}:alerts", "kumo:{1}:alerts", "kumo:{2}:alerts"]
SERIES = [Series(f"service {number % 3}", "USD", account=str(number)) for number in range(12)]
often = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

# A set, a time, and how many rows it gets of that time: many more than are read at once.
batches = st.lists(st.tuples(st.sampled_from(SETS), st.integers(0, 3), st.integers(1, 60)), max_size=8)
sizes = st.sampled_from([1, 1, 1, 2, 9, 60])
bounds = st.builds(
    Bounds,
    low=st.integers(0, 2),
    high=st.integers(1, 4),
    newest_first=st.booleans(),
    after=st.none() | st.builds(Position, st.integers(0, 4), st.sampled_from(["a", "b-1", "test-7", "zz"])),
)


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


def names() -> Iterator[str]:
    """Name rows in many shapes, which a locale would order otherwise than Redis does."""
    shapes = ["a-", "a", "b-", "test-", "testa-", "ch-", "c-", "z-", "2", "a-1-", "import-"]
    return (f"{shapes[number % len(shapes)]}{number}" for number in count())


def within(all_: set[Position], asked: Bounds) -> list[Position]:
    """Return the requested rows, the slow way."""
    found = [row for row in all_ if asked.low <= row.time <= asked.high]
    found.sort(reverse=asked.newest_first)
    if asked.after is None:
        return found
    return [row for row in found if (row < asked.after if asked.newest_first else row > asked.after)]


def add(store: Store, batch: list[tuple[str, int, int]], names: Iterator[str]) -> set[Position]:
    """Add rows to the sets; returns them."""
    found = set()
    for key, time, size in batch:
        new = [next(names) for _ in range(size)]
        store.client.zadd(key, dict.fromkeys(new, time))
        found |= {Position(time, name) for name in new}
    return found


@often
@given(batch=batches, asked=bounds, wanted=st.integers(1, 9), data=st.data())
def test_sorted_sets_are_read_as_one_list(
    store: Store, batch: list[tuple[str, int, int]], asked: Bounds, wanted: int, data: st.DataObject
) -> None:
    store.client.flushall()
    everything = add(store, batch, names())
    if everything and data.draw(st.booleans()):
        asked = replace(asked, after=data.draw(st.sampled_from(sorted(everything))))
    assert list(chain.from_iterable(walk.read(store, SETS, asked, wanted))) == within(everything, asked)


@often
@given(batch=batches, changes=st.lists(batches, max_size=5), asked=bounds)
def test_a_list_holds_still_while_its_sets_change(
    store: Store, batch: list[tuple[str, int, int]], changes: list[list[tuple[str, int, int]]], asked: Bounds
) -> None:
    store.client.flushall()
    fresh = names()
    stays = add(store, batch, fresh)
    found: list[Position] = []
    coming = iter(changes)
    for run in walk.read(store, SETS, asked, 1):
        found += run
        for change in islice(coming, 1):
            add(store, change, fresh)
            for key in SETS:
                gone = {row.decode() for row, _ in store.client.zpopmin(key, 3) + store.client.zpopmax(key, 1)}
                stays = {row for row in stays if row.id not in gone}
    assert len(set(found)) == len(found)
    assert found == sorted(found, reverse=asked.newest_first)
    assert {row for row in found if row in stays} == set(within(stays, asked))


class Batch(NamedTuple):
    """Costs of one series at one time; `name` is that of the first of them, and determines the time."""

    series: int
    time: int
    name: int | None
    size: int


costs = st.lists(
    st.builds(Batch, series=st.integers(0, 11), time=st.integers(0, 3), name=st.none() | st.integers(0, 9), size=sizes),
    max_size=12,
)


def record(store: Store, coming: list[Batch]) -> set[Position]:
    """Record costs of twelve series at four times; some are restated. Return their positions."""
    found = set()
    for series, time, name, size in coming:
        one, at = SERIES[series], time if name is None else name % 4
        named = "" if name is None else str(name)
        new = [Entry(one, size + place, at, external_id="" if place else named) for place in range(size)]
        rows, _ = entries.record(store, store.partition(one.id), [(one.id, entry) for entry in new])
        found |= {Position(row.timestamp, row.id) for row in rows}
    return found


@pytest.mark.slow
@often
@given(first=costs, changes=st.lists(costs, max_size=4), asked=bounds, data=st.data())
def test_the_list_of_costs_holds_still_while_others_come_and_some_are_restated(
    store: Store, first: list[Batch], changes: list[list[Batch]], asked: Bounds, data: st.DataObject
) -> None:
    store.client.flushall()
    there = record(store, first)
    asked = replace(asked, after=data.draw(st.sampled_from([None, *sorted(there)])))
    service = data.draw(st.sampled_from(["", "service 0", "service 2", "none"]))
    selection = Selection({"service": service, "currency": "USD"} if service else {})
    found: list[Position] = []
    coming = iter(changes)
    for run in timeline.read(store, [selection], asked, 1):
        found += run
        for change in islice(coming, 1):
            record(store, change)
    chosen = {one.id for one in SERIES if service in ("", one.service)}
    assert len(set(found)) == len(found)
    assert found == sorted(found, reverse=asked.newest_first)
    assert [row for row in found if row in there] == [row for row in within(there, asked) if row.id[:16] in chosen]


def test_costs_are_read_from_a_full_server(store: Store) -> None:
    there = record(store, [Batch(0, 1, None, 2), Batch(1, 1, None, 1)])
    store.client.config_set("maxmemory-policy", "noeviction")
    store.client.config_set("maxmemory", 1)
    try:
        asked = Bounds(0, 9, newest_first=True, after=max(there))
        found = list(chain.from_iterable(timeline.read(store, [Selection({})], asked, 1)))
    finally:
        store.client.config_set("maxmemory", 0)
    assert set(found) == there - {max(there)}


def test_a_server_that_knows_no_script_yet_is_sent_them(store: Store) -> None:
    there = record(store, [Batch(number, 1, None, 1) for number in range(12)])
    store.client.script_flush()
    assert set(chain.from_iterable(timeline.read(store, [Selection({})], Bounds(0, 9, newest_first=True), 1))) == there


def test_the_first_round_mostly_has_a_whole_page(redis_url: str) -> None:
    """Each further round opens all series of the list again."""
    store = client.build(client.connect(redis_url), partitions=16, window=5)
    many = [Series(f"service {number}", "USD") for number in range(400)]
    for partition in store.partitions:
        own = [one for one in many if store.partition(one.id) == partition]
        times = [(one, 1000 * at + ord(one.id[at])) for one in own for at in range(1, 6)]
        entries.record(store, partition, [(one.id, Entry(one, 1, time)) for one, time in times])
    for at, newest_first in product(range(1, 6), [True, False]):
        asked = Bounds(1000 * at, 1000 * at + 999, newest_first=newest_first)
        [first] = islice(timeline.read(store, [Selection({})], asked, 101), 1)
        assert len(first) >= 101
