"""Recomputing every sum from the entries."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain import moments
from kumo.domain.entries import DAY_MS
from kumo.domain.groups import DIMENSIONS, Group, groups_of_series
from kumo.services import Services
from kumo.store import entries, groups, scopes, series, watermarks
from kumo.store.partition import Partition

# Groups whose days are compared at once.
STEP_GROUPS: Final = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a recomputation: the numbers of entries and series, and a sentence for each wrong figure.

    Totals of days before `verifiable_from`, a date, cannot be verified: the retention removed entries of them. Nor can
    totals of groups unless `groups_complete`: some series are not part of them yet.
    """

    entries: int
    series: int
    differences: Sequence[str]
    verifiable_from: str | None
    groups_complete: bool


def differences(services: Services) -> Iterator[str]:
    """Yield a sentence for every stored figure that differs from its recomputation; empty if all sums are equal.

    Checks the window's moments of each series, its daily totals except for days that the retention has reached, that
    each scope of an import holds exactly the entries with its name, and that the totals of groups are the sums of those
    of their series.
    Use it on a store at rest: it may see half of a change that is recorded meanwhile.
    """
    reached = watermarks.read(services.store)
    for series_id in series.matching(services.store, {}):
        stored = series.amounts(services.store, series_id)
        window = series.windows(services.store, [series_id])[0]
        expected = moments.of(amount for _, amount in stored[: window.size])
        if window.moments != expected:
            yield f"series {series_id}: the window holds {window.moments}, its entries give {expected}"
        first_day = reached[services.store.partition(series_id)] // DAY_MS
        yield from _daily(services, series_id, stored, first_day)
    for partition in services.store.partitions:
        yield from _scopes(services, partition)
    yield from _groups(services)


def _scopes(services: Services, partition: Partition) -> Iterator[str]:
    """Compare the indexes of scopes with the external ids and times of entries."""
    known = scopes.list_known(services.store, partition)
    indexed = {
        (place.series_id, scopes.external_id(scope, place.start)): (held.seq, place.start)
        for scope in known
        for place, held in scopes.read_held_in(services.store, partition, scope).items()
    }
    named = scopes.find_named(services.store, partition, set(known))
    for name in sorted(indexed.keys() | named.keys()):
        listed, own = indexed.get(name, (None, None))[0], named.get(name)
        if listed != own:
            yield f"series {name[0]}: {name[1]} is entry {own}, its scope has {listed}"
    places = entries.locate(services.store, [(name[0], held[0]) for name, held in indexed.items()])
    for (name, (seq, start)), place in zip(indexed.items(), places, strict=True):
        if place is None or place.timestamp != start:
            yield f"series {name[0]}: entry {seq} is not where {name[1]} says"


def _daily(services: Services, series_id: str, stored: list[tuple[int, int]], first_day: int) -> Iterator[str]:
    expected: dict[int, tuple[int, int]] = {}
    for timestamp, amount in stored:
        day = series.day_of(timestamp)
        count, total = expected.get(day, (0, 0))
        expected[day] = (count + 1, total + amount)
    last = max([series.day_of(services.clock()) + 1, *expected])
    found = {
        day: (count, total)
        for _, rows in series.daily(services.store, [series_id], 0, last)
        for day, count, total in rows
    }
    for day in sorted(day for day in expected.keys() | found.keys() if day >= first_day):
        if expected.get(day) != found.get(day):
            at = series.date_of(day)
            yield f"series {series_id}: {at} holds {found.get(day)}, its entries give {expected.get(day)}"


def _groups(services: Services) -> Iterator[str]:
    """Hold the totals of groups against those of their series, once every series is part of them."""
    if not groups.are_complete(services.store):
        return
    known = series.identities(services.store, series.matching(services.store, {}))
    for place, dimension in enumerate(DIMENSIONS):
        members: dict[str, list[str]] = defaultdict(list)
        for series_id, identity in known.items():
            members[groups_of_series(identity)[place].id].append(series_id)
        values = {group.id: group for group in groups.list_values(services.store, dimension)}
        ids = sorted(values.keys() | members.keys())
        for start in range(0, len(ids), STEP_GROUPS):
            some = {group_id: members.get(group_id, []) for group_id in ids[start : start + STEP_GROUPS]}
            yield from _compare_groups(services, values, some)


def _compare_groups(
    services: Services, values: Mapping[str, Group], members: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    last = series.day_of(services.clock()) + 1
    group_of = {series_id: group_id for group_id, ids in members.items() for series_id in ids}
    expected: dict[tuple[str, int], tuple[int, int]] = {}
    for series_id, rows in series.daily(services.store, list(group_of), 0, last):
        _add(expected, group_of[series_id], rows)
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for group_id, rows in groups.daily(services.store, list(members), 0, last):
        _add(found, group_id, rows)
    for group_id, day in sorted(expected.keys() | found.keys()):
        sums = found.get((group_id, day)), expected.get((group_id, day))
        if sums[0] != sums[1]:
            group = values.get(group_id)
            name = f"{group.dimension} {','.join(group.value)!r} in {group.currency}" if group else group_id
            yield f"group {name}: {series.date_of(day)} holds {sums[0]}, its series give {sums[1]}"


def _add(totals: dict[tuple[str, int], tuple[int, int]], group_id: str, rows: series.Daily) -> None:
    for day, number, micros in rows:
        count, amount = totals.get((group_id, day), (0, 0))
        totals[group_id, day] = count + number, amount + micros


def verify_sums(services: Services) -> Checked:
    """Recompute every sum, and count entries and series."""
    found = list(differences(services))
    ids = series.matching(services.store, {})
    count = sum(len(series.amounts(services.store, series_id)) for series_id in ids)
    reached = watermarks.highest(services.store)
    first = series.date_of(series.day_of(reached)).isoformat() if reached else None
    return Checked(count, len(ids), found, first, groups.are_complete(services.store))
