"""Recomputing every sum from the entries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain import moments
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.totals.amounts import PeriodTotal, entry_total
from kumo.engine.ops.group_sums import ExpectedShares, find_wrong_shares, find_wrong_totals, list_blocks, name_total
from kumo.services import Services
from kumo.store import entries, entry_codec, groups, scopes, series, tag_sets, watermarks
from kumo.store.partition import Partition

READ_ENTRIES: Final = 2_000


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
    each scope of an import holds exactly the entries with its name, that the shares of groups are the sums of their
    series, and of the parts of entries by tag, and that combined totals without a hint are the sums of the shares.
    Use it on a store at rest: it may see half of a change that is recorded meanwhile.
    """
    store, reached = services.store, watermarks.read(services.store)
    by_partition: dict[Partition, list[str]] = {partition: [] for partition in store.partitions}
    for series_id in series.matching(store, {}):
        by_partition[store.partition(series_id)].append(series_id)
    shared = list_blocks(services, "shares") if groups.are_complete(store) else None
    for partition, ids in by_partition.items():
        shares = ExpectedShares(reached[partition] // DAY_MS)
        for series_id, identity in series.identities(store, ids).items():
            yield from _series(services, series_id, identity, shares)
        yield from _scopes(services, partition)
        if shared is not None:
            yield from find_wrong_shares(services, partition, shares, shared.get(partition.number, {}))
    if shared is not None:
        yield from find_wrong_totals(services, shared)


def _series(services: Services, series_id: str, identity: Series, shares: ExpectedShares) -> Iterator[str]:
    """Compare the figures of a series, and add it to the shares of its groups."""
    store = services.store
    stored = series.amounts(store, series_id)
    window = series.windows(store, [series_id])[0]
    expected = moments.of(amount for _, amount in stored[: window.size])
    if window.moments != expected:
        yield f"series {series_id}: the window holds {window.moments}, its entries give {expected}"
    sets, days = tag_sets.read_tag_sets(store, series_id), defaultdict[int, PeriodTotal](PeriodTotal)
    for entry, number in _read_entries(services, series_id, identity):
        day = series.day_of(entry.timestamp)
        days[day] = days[day].combine(entry_total(entry.amount, entry.quantity, entry.unit))
        shares.add_entry(identity, day, tag_sets.share_by_tags(entry, sets.get(number, "")))
    last = max([series.day_of(services.clock()) + 1, *days])
    found = {day: share.judged for day, share in groups.read_totals(store, [series_id], 0, last)[series_id].items()}
    shares.add_series(identity, found)
    for day in sorted(day for day in days.keys() | found.keys() if day >= shares.first_day):
        if days.get(day) != found.get(day):
            sums = f"{name_total(found.get(day))}, its entries give {name_total(days.get(day))}"
            yield f"series {series_id}: {series.date_of(day)} holds {sums}"


def _read_entries(services: Services, series_id: str, identity: Series) -> Iterator[tuple[Entry, str]]:
    """Yield the entries of a series, each with the number of its tag set."""
    history = list(entries.history(services.store, series_id, READ_ENTRIES))
    for start in range(0, len(history), READ_ENTRIES):
        some = history[start : start + READ_ENTRIES]
        details = entries.read_details(services.store, [(series_id, number) for number, *_ in some])
        for (_, timestamp, _), text in zip(some, details, strict=True):
            if text:
                yield entry_codec.read_entry(identity, timestamp, text), entry_codec.read_tag_set(text)


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


def verify_sums(services: Services) -> Checked:
    """Recompute every sum, and count entries and series."""
    found = list(differences(services))
    ids = series.matching(services.store, {})
    count = sum(len(series.amounts(services.store, series_id)) for series_id in ids)
    reached = watermarks.highest(services.store)
    first = series.date_of(series.day_of(reached)).isoformat() if reached else None
    return Checked(count, len(ids), found, first, groups.are_complete(services.store))
