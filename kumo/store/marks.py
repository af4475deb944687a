"""Marking things whose totals must be folded again although none of their entries has changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from kumo.store.client import Store
from kumo.store.commands import hgetall, hkeys, members_from, sinter
from kumo.store.partition import Partition
from kumo.store.series import sets
from kumo.store.signatures import Row

# Things that one call marks: a few milliseconds of Redis.
CALL_THINGS: Final = 1_000


def read_rolled(store: Store) -> list[dict[str, str]]:
    """Return what the things of each partition are marked for: first running days of providers, and the detectors."""
    found = store.many(hgetall(partition.rolled) for partition in store.partitions)
    return [{name.decode(): value.decode() for name, value in row.items()} for row in found]


def list_series(store: Store, partition: Partition, provider: str, since: int) -> set[str]:
    """Return the series of a currency and provider with entries since a time in ms."""
    currency, _, name = provider.partition(" ")
    filters = sets(partition, {"currency": currency, "provider": name})
    of_provider, recent = store.many([sinter(*filters), members_from(partition.recent, since)])
    return {series_id.decode() for series_id in set(of_provider) & set(recent)}


def list_things(store: Store, partition: Partition) -> tuple[set[str], set[str]]:
    """Return the series of a partition, and all else whose totals are judged in it: groups."""
    series, things = store.many([hkeys(partition.series), hkeys(partition.things)])
    known = {series_id.decode() for series_id in series}
    return known, {thing.decode() for thing in things} - known


def mark(store: Store, partition: Partition, days: Mapping[str, int], rolled: Mapping[str, str]) -> None:
    """Mark things, each from a day on, and note what for, after the last of them."""
    calls = list(_split(list(days))) or [[]]
    for place, some in enumerate(calls):
        rows: list[Row] = [{"id": thing, "day": days[thing]} for thing in some]
        noted: list[Row] = [{"name": name, "value": value} for name, value in rolled.items()]
        is_last = place == len(calls) - 1
        store.scripts.run("mark_things", partition, things=rows, rolled=noted if is_last else [])


def _split(things: Sequence[str]) -> Iterator[Collection[str]]:
    for start in range(0, len(things), CALL_THINGS):
        yield things[start : start + CALL_THINGS]
