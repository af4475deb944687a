"""The census: which groups are judged, kept in the home of each, and the day on which it was taken last."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kumo.domain.groups import Group
from kumo.store import answers, codec, keys
from kumo.store.client import Store
from kumo.store.commands import hgetall, hmget
from kumo.store.partition import Partition

JUDGED: Final = b"1"
CALL_THINGS: Final = 1_000


class Chosen(NamedTuple):
    """The ids of the groups with one home that are judged, and of its other groups."""

    judged: list[str]
    others: list[str]


class KnownSeries(NamedTuple):
    """A series that is not excluded: its groups without those of tags, and the time of its newest entry in ms."""

    id: str
    currency: str
    groups: tuple[str, ...]
    newest: int


def find_day(store: Store) -> int | None:
    """Return the day since 1970 on which the census was taken last; None if it never was."""
    day = store.client.get(keys.CENSUS)
    return int(day) if day else None


def save_day(store: Store, day: int) -> None:
    """Store the day of the last census."""
    store.client.set(keys.CENSUS, day)


def replace(store: Store, home: Partition, chosen: Chosen) -> int:
    """Replace the census of a home; return how many groups are judged now that were not."""
    judged, others = map(" ".join, chosen)
    return max(answers.number(store.scripts.run("replace_census", home, judged=judged, others=others)), 0)


def read(store: Store, home: Partition, group_ids: Sequence[str]) -> dict[str, bool]:
    """Return which groups of a home are judged; those that no census has counted yet are left out."""
    if not group_ids:
        return {}
    [marks] = store.many([hmget(home.census, *group_ids)])
    return {group: mark == JUDGED for group, mark in zip(group_ids, marks, strict=True) if mark}


def find_judged(store: Store, group_ids: Sequence[str]) -> frozenset[str]:
    """Return those of some groups, of any homes, that are judged, in one round trip."""
    homes: dict[Partition, list[str]] = {}
    for group_id in group_ids:
        homes.setdefault(store.partition(group_id), []).append(group_id)
    found = store.many(hmget(home.census, *ids) for home, ids in homes.items())
    marks = (row for ids, answer in zip(homes.values(), found, strict=True) for row in zip(ids, answer, strict=True))
    return frozenset(group_id for group_id, mark in marks if mark == JUDGED)


def list_groups(store: Store, dimension: str) -> dict[str, Group]:
    """Return the groups of a dimension by id."""
    found: dict[bytes, bytes] = {}
    for texts in store.many(hgetall(partition.groups + dimension) for partition in store.partitions):
        found |= texts
    rows = ((group_id.decode(), json.loads(text)) for group_id, text in found.items())
    return {group_id: Group(dimension, tuple(value), currency) for group_id, (currency, *value) in rows}


def list_series(store: Store) -> Iterator[KnownSeries]:
    """Yield the series that are part of what is judged, each once."""
    for partition in store.partitions:
        newest = {name: int(time) for name, time in store.client.zrange(partition.recent, 0, -1, withscores=True)}
        for series_id, text in store.client.hscan_iter(partition.series, count=CALL_THINGS):
            row = codec.read_series(text)
            groups = [group for groups in json.loads(text)[codec.GROUPS :] for group in groups]
            time = newest.pop(series_id, None)  # a scan may come to a series twice
            if time is not None and not row.charge_category:
                yield KnownSeries(series_id.decode(), row.currency, tuple(groups), time)
