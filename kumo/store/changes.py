"""Hints of changed groups: which of their days have other shares than when they were last combined.

The scripts that record leave a hint in their own partition, beside the share that they write. Whoever combines the
shares of a group in its home, the partition of its id, reads the hints first, then the shares. After the commit it
settles the hints that have not changed meanwhile. So a total without a hint is combined; a hint may be left over.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kumo.store.client import Store, pairs
from kumo.store.commands import Command, range_by_score, zcard, zcount, zrangebyscore
from kumo.store.partition import Partition
from kumo.store.signatures import Row

BLOCK: Final = "b"
# Hints that one call settles: a few milliseconds of Redis.
CALL_HINTS: Final = 1_000
# How many scores the hints for one home have: as in lua/parts/changes.lua.
_SCORES: Final = 2**42

# A hint, and its score as Redis writes it.
Hint = tuple[str, str]


@dataclass(slots=True)
class Cells:
    """What of a group has changed: days since 1970, and whole blocks of 256 days."""

    days: set[int] = field(default_factory=set)
    blocks: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed of the groups of one home, by group id, and the hints that said so, by their partition."""

    cells: Mapping[str, Cells]
    hints: Mapping[Partition, Sequence[Hint]]


def read(store: Store, home: Partition, most: int) -> Changes:
    """Return what has changed of the groups of a home, by at most so many hints of each partition, oldest first."""
    found = store.many(_first_hints(partition, home.number, most) for partition in store.partitions)
    hints = {
        partition: [(name.decode(), score.decode()) for name, score in pairs(answer)]
        for partition, answer in zip(store.partitions, found, strict=True)
        if answer
    }
    return Changes(collect(name for some in hints.values() for name, _ in some), hints)


def read_left(store: Store, partition: Partition, most: int) -> dict[int, list[Hint]]:
    """Return the hints that were left in a partition, by home: at most so many for each, oldest first."""
    homes = [home.number for home in store.partitions]
    found = store.many(_first_hints(partition, home, most) for home in homes)
    return {
        home: [(name.decode(), score.decode()) for name, score in pairs(answer)]
        for home, answer in zip(homes, found, strict=True)
        if answer
    }


def find_partitions(store: Store) -> list[Partition]:
    """Return the partitions in which hints were left."""
    found = store.many(zcard(partition.changed) for partition in store.partitions)
    return [partition for partition, number in zip(store.partitions, found, strict=True) if number]


def find(store: Store, group_ids: Iterable[str]) -> dict[str, Cells]:
    """Return what of some groups has changed, by id; groups that are up to date are left out.

    Read the totals afterwards: what has no hint is combined then, or changed after this began.
    """
    wanted = set(group_ids)
    homes = sorted({store.partition(group_id).number for group_id in wanted})
    asked = [(partition, _bounds(home)) for home in homes for partition in store.partitions]
    if len(homes) == len(store.partitions):
        asked = [(partition, (0, len(homes) * _SCORES)) for partition in store.partitions]
    answers = store.many(zrangebyscore(partition.changed, low, high) for partition, (low, high) in asked)
    found = {name.decode() for names in answers for name in names}
    return collect(name for name in found if name.partition(":")[0] in wanted)


def _first_hints(partition: Partition, home: int, most: int) -> Command[list[bytes]]:
    return range_by_score("ZRANGEBYSCORE", partition.changed, *_bounds(home), most)


def _bounds(home: int) -> tuple[int, int]:
    """Return the lowest and the highest score of the hints for a home."""
    return home * _SCORES, (home + 1) * _SCORES - 1


def collect(names: Iterable[str]) -> dict[str, Cells]:
    """Return what hints say, by group."""
    cells: dict[str, Cells] = defaultdict(Cells)
    for name in names:
        group_id, _, place = name.partition(":")
        if place.startswith(BLOCK):
            cells[group_id].blocks.add(int(place.removeprefix(BLOCK)))
        else:
            cells[group_id].days.add(int(place))
    return dict(cells)


def settle(store: Store, home: Partition, changes: Changes) -> None:
    """Remove the hints whose shares are combined; those that were left again meanwhile stay."""
    for partition, hints in changes.hints.items():
        settle_left(store, partition, {home.number: hints})


def settle_left(store: Store, partition: Partition, hints: Mapping[int, Sequence[Hint]]) -> None:
    """Remove hints that were left in a partition, by home; those that were left again meanwhile stay."""
    for some in hints.values():
        for start in range(0, len(some), CALL_HINTS):
            rows: list[Row] = [{"name": name, "score": score} for name, score in some[start : start + CALL_HINTS]]
            store.scripts.run("settle_changes", partition, hints=rows)


def count(store: Store) -> Mapping[int, int]:
    """Return the number of hints for each home, by its number."""
    asked = [(home.number, partition) for home in store.partitions for partition in store.partitions]
    found = store.many(zcount(partition.changed, *_bounds(home)) for home, partition in asked)
    counts = Counter({home.number: 0 for home in store.partitions})
    for (home, _), number in zip(asked, found, strict=True):
        counts[home] += number
    return counts
