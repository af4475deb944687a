"""Totals of groups: each partition keeps its share of every group's days, and the sum of the shares is the total.

The scripts that record keep the shares. A series that they do not add yet, since it is from before there were groups or
was restored, is added as a whole by kumo.store.sharing. The sums, the combined totals, are kept in the home of a group,
the partition of its id; the hints of kumo.store.changes say which of them are not up to date.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from kumo.domain.groups import DIMENSIONS, PROVIDER, Group
from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.store import keys
from kumo.store.changes import Cells
from kumo.store.client import Store
from kumo.store.commands import Command, hgetall, hkeys, hmget
from kumo.store.series import DAYS, Daily, read_block
from kumo.store.signatures import Row
from kumo.store.total_codec import read_total, write_total

_EXCLUDED: Final = "x"


class ShareOfDay(NamedTuple):
    """The total of a day, or what a partition adds to it: what is judged, and costs that are no usage, such as tax."""

    judged: PeriodTotal = NOTHING
    excluded: PeriodTotal = NOTHING

    def combine(self, other: "ShareOfDay") -> "ShareOfDay":
        """Add another share."""
        return ShareOfDay(self.judged.combine(other.judged), self.excluded.combine(other.excluded))


NO_SHARE: Final = ShareOfDay()
# By group or series, by day since 1970-01-01.
Totals = dict[str, dict[int, ShareOfDay]]


def are_complete(store: Store) -> bool:
    """Return whether every series is part of the totals of its groups."""
    return bool(store.client.hexists(keys.LAYOUT, keys.SHARED))


def list_values(store: Store, dimension: str) -> list[Group]:
    """Return the groups of a dimension, each under the first of its spellings by code points."""
    found: dict[bytes, list[str]] = {}
    for texts in store.many(hgetall(partition.groups + dimension) for partition in store.partitions):
        for group_id, text in texts.items():
            names = json.loads(text)
            found[group_id] = min(found.get(group_id, names), names)
    return [Group(dimension, tuple(values), currency) for currency, *values in found.values()]


def daily(store: Store, group_ids: Sequence[str], first: int, last: int) -> Iterator[tuple[str, Daily]]:
    """Yield ids of groups, each with some of its (day, entries, micros), days counted from 1970-01-01.

    A group comes up several times, and so may a day of it: the total is the sum. It includes costs that are no usage.
    """
    blocks = range(first // DAYS, last // DAYS + 1)
    wanted = [(group, block, partition) for group in group_ids for block in blocks for partition in store.partitions]
    answers = store.many(hgetall(f"{partition.shares}{group}:{block}") for group, block, partition in wanted)
    for (group, block, _), values in zip(wanted, answers, strict=True):
        if values:
            yield group, read_block(block, values, first, last)


def read_shares(store: Store, cells: Mapping[str, Cells]) -> Totals:
    """Return the totals of groups on the days of some cells, summed over all partitions, by group and day.

    A named day without costs has a total of nothing. Of a whole block the result has the days with a share, and those
    of which there is still a combined total.
    """
    asked = [part for group, wanted in cells.items() for part in _split_cells(store, group, wanted)]
    found: Totals = {group: dict.fromkeys(wanted.days, NO_SHARE) for group, wanted in cells.items()}
    for part, shares in zip(asked, store.many(part.command for part in asked), strict=True):
        days = found[part.thing]
        for day, share in part.read(shares).items():
            known = days.get(day, NO_SHARE)
            days[day] = known.combine(share) if part.counts else known
    return found


class _Part(NamedTuple):
    """Days of a block in one key: some fields of it, or all if there are none.

    `counts`: its amounts are part of the sum. Else only its days matter.
    """

    thing: str
    block: int
    key: str
    fields: tuple[str, ...] = ()
    counts: bool = True

    @property
    def command(self) -> Command[dict[bytes, bytes]] | Command[list[bytes | None]]:
        """The command that reads them."""
        return hmget(self.key, *self.fields) if self.fields else hgetall(self.key)

    def read(self, answer: Mapping[bytes, bytes] | Collection[bytes | None]) -> dict[int, ShareOfDay]:
        """Parse the answer."""
        if isinstance(answer, Mapping):
            return _read_days(self.block, ((field.decode(), text) for field, text in answer.items()))
        return _read_days(self.block, zip(self.fields, answer, strict=True))


def _read_days(block: int, fields: Iterable[tuple[str, bytes | None]]) -> dict[int, ShareOfDay]:
    days: dict[int, ShareOfDay] = {}
    for field, text in fields:
        if text is not None:
            day = block * DAYS + int(field.removeprefix(_EXCLUDED))
            total = read_total(text)
            share = ShareOfDay(excluded=total) if field.startswith(_EXCLUDED) else ShareOfDay(total)
            days[day] = days.get(day, NO_SHARE).combine(share)
    return days


def _split_cells(store: Store, group: str, cells: Cells) -> Iterator[_Part]:
    """Yield what is to be read of a group: the named days of each block, and whole blocks."""
    fields: dict[int, tuple[str, ...]] = dict.fromkeys(cells.blocks, ())
    for day in sorted(cells.days):
        block, place = divmod(day, DAYS)
        if block not in cells.blocks:
            fields[block] = (*fields.get(block, ()), f"{place}", f"{_EXCLUDED}{place}")
    for block, names in fields.items():
        for partition in store.partitions:
            yield _Part(group, block, f"{partition.shares}{group}:{block}", names)
        if not names:
            yield _Part(group, block, f"{store.partition(group).daily}{group}:{block}", counts=False)


def read_totals(store: Store, thing_ids: Sequence[str], first: int, last: int) -> Totals:
    """Return the combined totals of groups, or the totals of series, from day `first` to day `last` since 1970-01-01.

    A series has no excluded costs: all that it costs is in `judged`, also where detection leaves it out.
    """
    blocks = range(first // DAYS, last // DAYS + 1)
    asked = [
        _Part(each, block, f"{store.partition(each).daily}{each}:{block}") for each in thing_ids for block in blocks
    ]
    found: Totals = {each: {} for each in thing_ids}
    for part, values in zip(asked, store.many(part.command for part in asked), strict=True):
        found[part.thing] |= {day: total for day, total in part.read(values).items() if first <= day <= last}
    return found


def pack_combined(group_id: str, day: int, total: ShareOfDay) -> Row:
    """Return the combined total of a group on a day for a script that sets it (lua/parts/combined.lua)."""
    return {
        "group": group_id,
        "day": day,
        "judged": write_total(total.judged),
        "excluded": write_total(total.excluded),
    }


def describe(store: Store, group_ids: Sequence[str]) -> dict[str, Group]:
    """Return groups by id, each under the first of its spellings by code points; those without series are left out."""
    if not group_ids:
        return {}
    asked = [(dimension, partition) for dimension in DIMENSIONS for partition in store.partitions]
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
