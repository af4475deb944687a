"""Totals computed again from the entries: those of series, and each partition's share of those of groups."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from kumo.store import answers, entries, entry_codec
from kumo.store.blocks import Name
from kumo.store.client import Store
from kumo.store.commands import Command, first_of, hkeys, last_of, zcard
from kumo.store.partition import Partition
from kumo.store.protocol import Answer
from kumo.store.series import DAYS, day_of
from kumo.store.signatures import Row

# What one call reads: a few milliseconds of Redis.
CALL_ENTRIES: Final = 5_000
CALL_TOTALS: Final = 3_000
# Series whose sizes are read at once.
STEP_SERIES: Final = 500


class Span(NamedTuple):
    """Days of a series, counted from 1970, both included, with about so many entries."""

    series: str
    first: int
    last: int
    entries: int


class Difference(NamedTuple):
    """A total that differed from its recomputation: of a series or a group, its day, as text before and now.

    The day of costs that are no usage, of a group, has an "x" before it.
    """

    thing: str
    day: str
    stored: str
    computed: str


class Extent(NamedTuple):
    """The entries of a series: how many, the days of the first and the last one, and the number of the last one."""

    series: str
    entries: int
    first: int
    last: int
    newest: int


def read_extents(store: Store, partition: Partition) -> Iterator[Extent]:
    """Yield how far the entries of each series of a partition reach; those without any are left out."""
    [found] = store.many([hkeys(partition.series)])
    ids = sorted(series_id.decode() for series_id in found)
    for start in range(0, len(ids), STEP_SERIES):
        some = ids[start : start + STEP_SERIES]
        yield from _read_extents(store, partition, some)


def _read_extents(store: Store, partition: Partition, ids: Sequence[str]) -> Iterator[Extent]:
    asked: list[Command[int | list[bytes]]] = []
    for key in (partition.entries + series_id for series_id in ids):
        asked += (zcard(key), first_of(key), last_of(key))
    found = store.many(asked)
    for series_id, count, oldest, newest in zip(ids, found[::3], found[1::3], found[2::3], strict=True):
        if isinstance(count, int) and isinstance(oldest, list) and isinstance(newest, list) and oldest and newest:
            first, last = day_of(int(oldest[1])), day_of(int(newest[1]))
            yield Extent(series_id, entries=count, first=first, last=last, newest=int(newest[0][:10], 16))


def split_spans(extent: Extent, last_day: int) -> Iterator[Span]:
    """Yield the days of a series in spans that one call can take, up to `last_day`, where none has entries any more."""
    days = extent.last - extent.first + 1
    step = max(days * CALL_ENTRIES // extent.entries, 1)
    bounds = [0, *range(extent.first + step, extent.last + 1, step), last_day + 1]
    for first, after in pairwise(bounds):
        yield Span(extent.series, first=first, last=after - 1, entries=min(extent.entries, CALL_ENTRIES))


def rebuild_totals(store: Store, partition: Partition, spans: Sequence[Span]) -> list[Difference]:
    """Compute the totals of days of series again from their entries; return those that differed."""
    rows: list[Row] = [{"series": each.series, "first": each.first, "last": each.last} for each in spans]
    return _parse(store.scripts.run("rebuild_totals", partition, spans=rows))


def split_days(first: int, last: int, series: int) -> Iterator[tuple[int, int]]:
    """Yield days, both included, as one call takes them with so many series: in one block."""
    step = max(CALL_TOTALS // max(series, 1), 1)
    while first <= last:
        end = min(first + step - 1, last, first // DAYS * DAYS + DAYS - 1)
        yield first, end
        first = end + 1


def rebuild_shares(store: Store, partition: Partition, first: int, last: int) -> list[Difference]:
    """Compute the shares of groups again from the totals of series; return those that differed."""
    partitions = len(store.partitions)
    return _parse(store.scripts.run("rebuild_shares", partition, first=first, last=last, partitions=partitions))


def read_external_ids(store: Store, names: Sequence[Name]) -> list[str]:
    """Return the external ids of entries, each empty if there is none."""
    found = entries.read_details(store, names)
    return [entry_codec.read_external_id(text.decode().partition(" ")[2]) if text else "" for text in found]


def _parse(answer: Answer) -> list[Difference]:
    texts = [text.decode() if isinstance(text, bytes) else str(text) for text in answers.items(answer)]
    rows = zip(texts[::4], texts[1::4], texts[2::4], texts[3::4], strict=True)
    return [Difference(thing, day=day, stored=stored, computed=computed) for thing, day, stored, computed in rows]
