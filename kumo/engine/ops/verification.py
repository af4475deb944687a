"""Recomputing every sum from the entries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kumo.domain import moments
from kumo.domain.entries import DAY_MS
from kumo.services import Services
from kumo.store import entries, scopes, series, watermarks
from kumo.store.partition import Partition


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a recomputation: the numbers of entries and series, and a sentence for each wrong figure.

    Totals of days before `verifiable_from`, a date, cannot be verified: the retention removed entries of them.
    """

    entries: int
    series: int
    differences: Sequence[str]
    verifiable_from: str | None


def differences(services: Services) -> Iterator[str]:
    """Yield a sentence for every stored figure that differs from its recomputation; empty if all sums are equal.

    Checks the window's moments of each series, its daily totals except for days that the retention has reached, and
    that each scope of an import holds exactly the entries with its name.
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


def verify_sums(services: Services) -> Checked:
    """Recompute every sum, and count entries and series."""
    found = list(differences(services))
    ids = series.matching(services.store, {})
    count = sum(len(series.amounts(services.store, series_id)) for series_id in ids)
    reached = watermarks.highest(services.store)
    first = series.date_of(series.day_of(reached)).isoformat() if reached else None
    return Checked(count, len(ids), found, first)
