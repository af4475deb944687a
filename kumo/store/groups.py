"""Totals of groups: each partition keeps its share of every group's days, and the sum of the shares is the total.

The scripts that record keep the shares. A series that they do not add yet, since it is from before there were groups or
was restored, is added as a whole by kumo.store.sharing. The sums, the combined totals, are kept in the home of a group,
the partition of its id; the hints of kumo.store.changes say which of them are not up to date.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from kumo.domain.groups import DIMENSIONS, PROVIDER, Group, name_tag_dimension
from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.store import changes, keys
from kumo.store.changes import Cells
from kumo.store.client import Store
from kumo.store.commands import Command, hgetall, hkeys, hmget
from kumo.store.partition import Partition
from kumo.store.series import DAYS, Daily, read_block
from kumo.store.total_codec import read_total

EXCLUDED: Final = "x"
# More days than these are read with their whole block, which is shorter to ask for.
FEW_DAYS: Final = 60


class ShareOfDay(NamedTuple):
    """The total of a day, or what a partition adds to it: what is judged, and costs that are no usage, such as tax."""

    judged: PeriodTotal = NOTHING
    excluded: PeriodTotal = NOTHING

    def combine(self, other: "ShareOfDay") -> "ShareOfDay":
        """Add another share."""
        return ShareOfDay(self.judged.combine(other.judged), self.excluded.combine(other.excluded))

    @property
    def total(self) -> PeriodTotal:
        """All of it."""
        return self.judged.combine(self.excluded)


NO_SHARE: Final = ShareOfDay()
UNCHANGED: Final = Cells()
# By group or series, by day since 1970-01-01.
Totals = dict[str, dict[int, ShareOfDay]]


def read_partition(
    store: Store, partition: Partition, blocks: Mapping[str, Iterable[int]]
) -> dict[tuple[str, int], ShareOfDay]:
    """Return the shares of a partition by group and day, from the blocks that it has of each group."""
    asked = [Part(each, block, f"{partition.shares}{each}:{block}") for each in blocks for block in blocks[each]]
    answers = zip(asked, store.many(part.command for part in asked), strict=True)
    return {(part.thing, day): share for part, answer in answers for day, share in part.read(answer).items()}


class Part(NamedTuple):
    """Days of a block in one key: some fields of it, or all if there are none.

    `is_share`: they are the share of a partition; else the combined totals.
    """

    thing: str
    block: int
    key: str
    fields: tuple[str, ...] = ()
    is_share: bool = True

    @property
    def command(self) -> Command[dict[bytes, bytes]] | Command[list[bytes | None]]:
        """The command that reads them."""
        return hmget(self.key, *self.fields) if self.fields else hgetall(self.key)

    def name_fields(self, answer: Mapping[bytes, bytes] | Collection[bytes | None]) -> Mapping[bytes, bytes]:
        """Return the answer by field."""
        if isinstance(answer, Mapping):
            return answer
        return {field.encode(): text for field, text in zip(self.fields, answer, strict=True) if text is not None}

    def read(self, answer: Mapping[bytes, bytes] | Collection[bytes | None]) -> dict[int, ShareOfDay]:
        """Parse the answer."""
        days: dict[int, ShareOfDay] = {}
        for field, text in self.name_fields(answer).items():
            place, total = field.decode(), read_total(text)
            day = self.block * DAYS + int(place.removeprefix(EXCLUDED))
            share = ShareOfDay(excluded=total) if place.startswith(EXCLUDED) else ShareOfDay(total)
            days[day] = days.get(day, NO_SHARE).combine(share)
        return days


def are_complete(store: Store) -> bool:
    """Return whether every series is part of the totals of its groups."""
    return bool(store.client.hexists(keys.LAYOUT, keys.SHARED))


def list_tagged(store: Store) -> frozenset[str]:
    """Return the keys of tags, in compared form, for which every entry is part of the totals of its groups."""
    found = store.client.hget(keys.LAYOUT, keys.TAGGED)
    return frozenset(json.loads(found or b"[]")) if are_complete(store) else frozenset()


def list_values(store: Store, dimension: str) -> list[Group]:
    """Return the groups of a dimension, each under the first of its spellings by code points."""
    found: dict[bytes, list[str]] = {}
    for texts in store.many(hgetall(partition.groups + dimension) for partition in store.partitions):
        for group_id, text in texts.items():
            names = json.loads(text)
            found[group_id] = min(found.get(group_id, names), names)
    return [Group(dimension, tuple(values), currency) for currency, *values in found.values()]


def daily(store: Store, group_ids: Sequence[str], first: int, last: int) -> Iterator[tuple[str, Daily]]:
    """Yield ids of groups, each with some of its (day, entries, micros), from day `first` to `last` since 1970-01-01.

    What was recorded before the call is in it. A group comes up several times, and so may a day of it: the total is the
    sum. It includes costs that are no usage.
    """
    hinted = changes.find(store, group_ids)
    asked = _split_days(store, group_ids, (first, last), hinted)
    for part, answer in zip(asked, store.many(part.command for part in asked), strict=True):
        rows = read_block(part.block, part.name_fields(answer), first, last)
        if not part.is_share and part.thing in hinted:
            rows = [row for row in rows if row[0] not in hinted[part.thing].days]
        if rows:
            yield part.thing, rows


def read_current(store: Store, group_ids: Sequence[str], first: int, last: int) -> Totals:
    """Return the totals of groups from day `first` to day `last`, in order. What was recorded before is in them."""
    hinted = changes.find(store, group_ids)
    asked = _split_days(store, group_ids, (first, last), hinted)
    found: Totals = {group: {} for group in group_ids}
    for part, answer in zip(asked, store.many(part.command for part in asked), strict=True):
        changed = () if part.is_share else hinted.get(part.thing, UNCHANGED).days
        for day, share in part.read(answer).items():
            if first <= day <= last and day not in changed:
                found[part.thing][day] = found[part.thing].get(day, NO_SHARE).combine(share)
    return {group: dict(sorted(days.items())) for group, days in found.items()}


def _split_days(
    store: Store, group_ids: Sequence[str], bounds: tuple[int, int], hinted: Mapping[str, Cells]
) -> list[Part]:
    blocks = range(bounds[0] // DAYS, bounds[1] // DAYS + 1)
    wanted = ((group, block, hinted.get(group, UNCHANGED)) for group in group_ids for block in blocks)
    return [part for group, block, changed in wanted for part in _split_block(store, group, block, bounds, changed)]


def _split_block(store: Store, group: str, block: int, bounds: tuple[int, int], changed: Cells) -> Iterator[Part]:
    """Yield what is to be read of a block of a group: the combined totals, and shares of the days that have changed."""
    days = range(max(bounds[0], block * DAYS), min(bounds[1], (block + 1) * DAYS - 1) + 1)
    fields = _name_fields(days) if len(days) <= FEW_DAYS else ()
    if block in changed.blocks:
        yield from (Part(group, block, f"{each.shares}{group}:{block}", fields) for each in store.partitions)
        return
    yield Part(group, block, f"{store.partition(group).daily}{group}:{block}", fields, is_share=False)
    fields = _name_fields(sorted(changed.days.intersection(days)))
    for partition in store.partitions if fields else ():
        yield Part(group, block, f"{partition.shares}{group}:{block}", fields)


def _name_fields(days: Iterable[int]) -> tuple[str, ...]:
    """Return the fields of some days of a block."""
    return tuple(name for day in days for name in (f"{day % DAYS}", f"{EXCLUDED}{day % DAYS}"))


def read_shares(store: Store, cells: Mapping[str, Cells]) -> Totals:
    """Return the totals of groups on the days of some cells, summed over all partitions, by group and day.

    A named day without costs has a total of nothing. Of a whole block the result has the days with a share, and those
    of which there is still a combined total.
    """
    asked = [part for group, wanted in cells.items() for part in split_cells(store, group, wanted)]
    found: Totals = {group: dict.fromkeys(wanted.days, NO_SHARE) for group, wanted in cells.items()}
    for part, shares in zip(asked, store.many(part.command for part in asked), strict=True):
        days = found[part.thing]
        for day, share in part.read(shares).items():
            known = days.get(day, NO_SHARE)
            days[day] = known.combine(share) if part.is_share else known
    return found


def split_cells(store: Store, group: str, cells: Cells) -> Iterator[Part]:
    """Yield what is to be read of a group: the named days of each block, and whole blocks."""
    days = sorted(day for day in cells.days if day // DAYS not in cells.blocks)
    fields = {block: _name_fields(some) for block, some in groupby(days, lambda day: day // DAYS)}
    for block, names in (fields | dict.fromkeys(cells.blocks, ())).items():
        yield from (Part(group, block, f"{each.shares}{group}:{block}", names) for each in store.partitions)
        if not names:
            yield Part(group, block, f"{store.partition(group).daily}{group}:{block}", is_share=False)


def read_totals(store: Store, thing_ids: Sequence[str], first: int, last: int) -> Totals:
    """Return the combined totals of groups, or the totals of series, from day `first` to day `last` since 1970-01-01.

    A series has no excluded costs: all that it costs is in `judged`, also where detection leaves it out.
    """
    blocks = range(first // DAYS, last // DAYS + 1)
    asked = [
        Part(each, block, f"{store.partition(each).daily}{each}:{block}") for each in thing_ids for block in blocks
    ]
    found: Totals = {each: {} for each in thing_ids}
    for part, values in zip(asked, store.many(part.command for part in asked), strict=True):
        found[part.thing] |= {day: total for day, total in part.read(values).items() if first <= day <= last}
    return found


def describe(store: Store, group_ids: Sequence[str]) -> dict[str, Group]:
    """Return groups by id, each under the first of its spellings by code points; those without series are left out."""
    if not group_ids:
        return {}
    dimensions = [*DIMENSIONS, *map(name_tag_dimension, store.tag_keys)]
    asked = [(dimension, partition) for dimension in dimensions for partition in store.partitions]
    answers = store.many(hmget(partition.groups + dimension, *group_ids) for dimension, partition in asked)
    found: dict[str, tuple[str, list[str]]] = {}
    for (dimension, _), texts in zip(asked, answers, strict=True):
        for group_id, text in zip(group_ids, texts, strict=True):
            if text:
                found[group_id] = min(found.get(group_id, (dimension, json.loads(text))), (dimension, json.loads(text)))
    return {
        group_id: Group(dimension, tuple(values), currency)
        for group_id, (dimension, [currency, *values]) in found.items()
    }


def count_members(store: Store, group_ids: Sequence[str]) -> dict[str, int]:
    """Return how many series are in groups, by id."""
    return dict(zip(group_ids, _count_members(store, group_ids), strict=True))


def _count_members(store: Store, fields: Sequence[str]) -> list[int]:
    if not fields:
        return []
    answers = store.many(hmget(partition.members, *fields) for partition in store.partitions)
    return [sum(int(number or 0) for number in numbers) for numbers in zip(*answers, strict=True)]


def providers_of(store: Store, group_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the ids of the groups of providers that have series in groups, by the ids of these."""
    listed = store.many(hkeys(partition.groups + PROVIDER) for partition in store.partitions)
    providers = sorted({each.decode() for ids in listed for each in ids})
    pairs = [(group, provider) for group in group_ids for provider in providers]
    counted = _count_members(store, [f"{group} {provider}" for group, provider in pairs])
    found: dict[str, set[str]] = {group: set() for group in group_ids}
    for (group, provider), number in zip(pairs, counted, strict=True):
        if number:
            found[group].add(provider)
    return {group: frozenset(ids) for group, ids in found.items()}
