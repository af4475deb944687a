"""Totals of groups: each partition keeps its share of every group's days, and the sum of the shares is the total.

The scripts that record keep the shares. A series that they do not add yet, since it is from before there were groups or
was restored, is added as a whole by `share`.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from kumo.domain.groups import Group
from kumo.store import codec, keys
from kumo.store.client import Store
from kumo.store.commands import hgetall
from kumo.store.partition import Partition
from kumo.store.series import DAYS, Daily, read_block
from kumo.store.signatures import Argument, Row

# A call takes some 10 ms a series with a year of days, and nothing else runs in the store meanwhile.
CALL_SERIES: Final = 4


def are_complete(store: Store) -> bool:
    """Return whether every series is part of the totals of its groups."""
    return bool(store.client.hexists(keys.LAYOUT, keys.SHARED))


def share(store: Store, most: int, last_day: int) -> bool:
    """Add series that are not part of the totals of their groups yet, at most so many; returns whether all are now.

    No entry is of a day after `last_day`, counted from 1970-01-01.
    """
    if are_complete(store):
        return True
    for partition in store.partitions:
        waiting = list(islice(_find_unshared(store, partition), most))
        for start in range(0, len(waiting), CALL_SERIES):
            asked: dict[str, Argument] = {"last_block": last_day // DAYS, "partitions": len(store.partitions)}
            store.scripts.run("share", partition, **asked, wanted=waiting[start : start + CALL_SERIES])
        most -= len(waiting)
        if most <= 0:
            return False
    store.client.hset(keys.LAYOUT, keys.SHARED, 1)
    return True


def _find_unshared(store: Store, partition: Partition) -> Iterator[Row]:
    """Yield what the script must know of the series without groups."""
    for series_id, text in store.client.hgetall(partition.series).items():
        if len(json.loads(text)) <= codec.GROUPS:
            yield codec.describe(series_id.decode(), codec.read_series(text))


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
