"""The list of costs: the entries of many series in one order of time, without an index of all of them.

Each series is already sorted. For every series that may have a row, a script finds the next entry;
more entries are read only of series that have several among the next rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, sqrt
from typing import Final, NamedTuple

from kumo.domain.entries import DAY_MS
from kumo.domain.judging import Status
from kumo.domain.paging import Position
from kumo.store import answers, series, walk
from kumo.store.client import Store, pairs
from kumo.store.commands import range_by_score
from kumo.store.entries import EntryPlace
from kumo.store.partition import Partition
from kumo.store.protocol import Answer
from kumo.store.walk import MOST_ROWS, Bounds, cut

LEAST_ROWS: Final = 8
NEXT_FIELDS: Final = 4
SEQ_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected entries: of series with the given fields, and with a status if one is given.

    For `normal`, the list also contains other entries, which must be left out.
    """

    filters: Mapping[str, str]
    status: Status | None = None

    def index(self, partition: Partition) -> str:
        """Return the sorted set of the series, by a time that is not before any of their entries."""
        # Every series begins with learning, so an index of series with such entries would contain all.
        own = self.status not in (None, Status.LEARNING)
        return f"{partition.newest}{self.status}" if own else partition.recent

    def entries(self, partition: Partition) -> str:
        """Return the family of the sorted sets of their entries."""
        own = self.status not in (None, Status.NORMAL)
        return f"{partition.judged}{self.status}:" if own else partition.entries


class _NextEntry(NamedTuple):
    """The next entry of a series, the time in ms of the one after it, and their sorted set."""

    series_id: str
    row: Position
    following: int | None
    key: str


def read(store: Store, selections: Sequence[Selection], bounds: Bounds, wanted: int) -> Iterator[list[Position]]:
    """Yield the positions of the entries of some series, some at a time; no series may be in two selections."""
    read_round = partial(_round, store, selections)
    return walk.rounds(read_round, bounds, _size(wanted, len(store.partitions)))


def _size(wanted: int, partitions: int) -> int:
    """Return how many rows to ask of each partition, so that one round mostly is enough.

    The wanted rows are spread over the partitions by chance; four standard deviations more than the mean are enough
    in nearly every case. A second round would open all series again.
    """
    mean = wanted / partitions
    return max(LEAST_ROWS, ceil(mean + 4 * sqrt(mean)) + 1)


def _round(
    store: Store, selections: Sequence[Selection], bounds: Bounds, size: int
) -> tuple[list[Position], Position | None]:
    found = [nexts for selection in selections for nexts in _find_next_entries(store, selection, bounds, size)]
    runs = [[entry.row for entry in nexts] for nexts in found]
    ends = [rows[-1] for rows in runs if len(rows) == size]
    _, end = cut([], ends, newest_first=bounds.newest_first)
    within = bounds if end is None else bounds.up_to(end.time)
    more = [entry for nexts in found for entry in nexts if entry.following is not None and within.has(entry.following)]
    if more:
        each = min(MOST_ROWS, max(LEAST_ROWS, size * len(store.partitions) // len(more)))
        others = _others(store, more, within, each)
        runs += others
        ends += [rows[-1] for rows in others if len(rows) == each]
    return cut(runs, ends, newest_first=bounds.newest_first)


def _find_next_entries(store: Store, selection: Selection, bounds: Bounds, size: int) -> list[list[_NextEntry]]:
    """Find, for each partition, the series whose next entries come first, with these entries."""
    low, high = bounds.left
    asked: dict[str, str | int] = {"command": bounds.command, "low": low, "high": high, "most": size}
    asked |= {"time": "", "series": "", "text": ""}
    if bounds.tie:
        series_id, seq = bounds.tie.id.split("-")
        asked |= {"time": bounds.tie.time, "series": series_id, "text": _place_of(seq, bounds)}
    found = store.run_each(
        "find_next_entries", [(_keys(partition, selection), asked) for partition in store.partitions]
    )
    return [
        [
            _read_next_entry(selection.entries(partition), *row)
            for row in zip(*[iter(answers.items(answer))] * NEXT_FIELDS, strict=True)
        ]
        for partition, answer in zip(store.partitions, found, strict=True)
    ]


def _keys(partition: Partition, selection: Selection) -> Mapping[str, str | Sequence[str]]:
    index, entries = selection.index(partition), selection.entries(partition)
    return {"index": index, "entries": entries, "with": series.sets(partition, selection.filters)}


def _read_next_entry(family: str, series_id: Answer, time: Answer, member: Answer, following: Answer) -> _NextEntry:
    name = answers.text(series_id).decode()
    row = Position(answers.number(time), _id(name, answers.text(member)))
    return _NextEntry(name, row, answers.number(following) if following else None, family + name)


def _others(store: Store, nexts: Sequence[_NextEntry], bounds: Bounds, size: int) -> list[list[Position]]:
    """Read the entries of series after their next ones."""
    _, last = bounds.ends
    if any(entry.following == entry.row.time for entry in nexts):
        asked: dict[str, str | int] = {"command": bounds.command, "last": last, "most": size}
        found = store.run_each("read_after", [({"rows": entry.key}, asked | _begin(entry, bounds)) for entry in nexts])
        rows = [answers.texts(answer) for answer in found]
    else:
        rows = store.many(
            range_by_score(bounds.command, entry.key, entry.following or 0, last, size) for entry in nexts
        )
    return [
        [Position(int(time), _id(entry.series_id, member)) for member, time in pairs(answer)]
        for entry, answer in zip(nexts, rows, strict=True)
    ]


def _begin(entry: _NextEntry, bounds: Bounds) -> dict[str, str | int]:
    return {"score": entry.row.time, "text": _place_of(entry.row.id[-SEQ_DIGITS:], bounds)}


def _place_of(seq: str, bounds: Bounds) -> str:
    """Return a text that sorts before the member of an entry, or after it if the list is ascending."""
    return seq + (":" if bounds.newest_first else ";")


def _id(series_id: str, member: bytes) -> str:
    return f"{series_id}-{member[:SEQ_DIGITS].decode()}"


Day = tuple[str, int]


def read_days(store: Store, days: Sequence[Day], most: int) -> dict[Day, list[EntryPlace]]:
    """Return the first entries of series and days, at most `most` of each; days are counted from 1970."""
    wanted = list(dict.fromkeys(days))
    keys = ((store.partition(series_id).entries + series_id, day * DAY_MS) for series_id, day in wanted)
    found = store.many(range_by_score("ZRANGEBYSCORE", key, low, low + DAY_MS - 1, most) for key, low in keys)
    return {
        (series_id, day): [
            EntryPlace(int(time), int(member[:SEQ_DIGITS], 16), series_id) for member, time in pairs(rows)
        ]
        for (series_id, day), rows in zip(wanted, found, strict=True)
    }
