"""Listing entries of many series in one order of time, without an index over all of them.

Each series is sorted already, so a page is a merge of their heads. Series are opened in the order of their newest
entry and only while one could still hold a row of the page: without filters, a page of a hundred opens about a
hundred series.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from kumo.domain.entries import parse_entry_id
from kumo.engine.views import END_OF_TIME, Query
from kumo.errors import FieldError, InvalidQueryError
from kumo.store import entries, series
from kumo.store.client import Store
from kumo.store.entries import Place

GROUP: Final = 64
LEAST_CHUNK: Final = 8

Key = tuple[int, int, str]


def places(store: Store, query: Query) -> Iterator[Place]:
    """Yield where the entries asked for stand, in the order asked for, from the cursor on."""
    after = parse_cursor(query.cursor) if query.cursor else None
    low, high = query.low, query.high
    if after is not None:
        low, high = (low, min(high, after.timestamp)) if query.newest_first else (max(low, after.timestamp), high)
    merge = _Merge(store, low, high, newest_first=query.newest_first, wanted=query.limit + query.skip)
    for place in merge.run(_groups(store, query)):
        if after is None or merge.key(place) > merge.key(after):
            yield place


def cursor(place: Place) -> str:
    """Write the cursor of the page that begins after a place."""
    return f"{place.timestamp}-{place.id}"


def parse_cursor(text: str) -> Place:
    """Read a cursor; raises `InvalidQueryError` for anything that we did not write."""
    timestamp, _, entry = text.partition("-")
    found = parse_entry_id(entry)
    if not (found and timestamp.isascii() and timestamp.isdigit() and int(timestamp) <= END_OF_TIME):
        raise InvalidQueryError([FieldError("cursor", "is not one that a page's next link held")])
    return Place(int(timestamp), found[1], found[0])


def _groups(store: Store, query: Query) -> Iterator[tuple[int, list[str]]]:
    """Yield groups of series with the time that none of their entries, nor of later groups, is newer than."""
    if query.series or not query.newest_first:
        found = series.matching(store, query.series)
        for start in range(0, len(found), GROUP):
            yield END_OF_TIME, found[start : start + GROUP]
        return
    for rows in series.newest_first(store, GROUP):
        for start in range(0, len(rows), GROUP):
            group = rows[start : start + GROUP]
            yield group[0][1], [series_id for series_id, _ in group]


@dataclass(slots=True)
class _Merge:
    """A merge of series' heads, each read in chunks as it is used up.

    A chunk begins at the time of the last place read, not at an offset, which would move when an entry comes or goes.
    So it begins with places that were read before: `again` is how many share that time.
    """

    store: Store
    low: int
    high: int
    newest_first: bool
    wanted: int
    heap: list[tuple[Key, Place]] = field(default_factory=list)
    waiting: dict[str, list[Place]] = field(default_factory=dict)
    read: dict[str, Place] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)

    def key(self, place: Place) -> Key:
        """Order places as the listing does: by time, then by arrival; the series only breaks ties."""
        sign = -1 if self.newest_first else 1
        return sign * place.timestamp, sign * place.seq, place.series_id

    def run(self, groups: Iterable[tuple[int, list[str]]]) -> Iterator[Place]:
        """Yield the places of all groups in order."""
        for newest, group in groups:
            while self.heap and self.newest_first and self.heap[0][1].timestamp > newest:
                yield self._next()
            self._fill(group, max(LEAST_CHUNK, 2 * self.wanted // len(group)))
        while self.heap:
            yield self._next()

    def _next(self) -> Place:
        _, place = heapq.heappop(self.heap)
        if not self.waiting[place.series_id]:
            self._fill([place.series_id], max(LEAST_CHUNK, self.wanted))
        self._push(place.series_id)
        return place

    def _fill(self, series_ids: Sequence[str], size: int) -> None:
        fresh = [series_id for series_id in series_ids if series_id not in self.waiting]
        asked = [(series_id, *self._left(series_id)) for series_id in series_ids]
        # Twice those that come again, lest ever more that share one time be read ever more often.
        size += 2 * max(self.again.get(series_id, 0) for series_id in series_ids)
        chunks = entries.chunks(self.store, asked, size, newest_first=self.newest_first)
        for series_id, chunk in zip(series_ids, chunks, strict=True):
            last = self.read.get(series_id)
            later = [place for place in chunk if last is None or self.key(place) > self.key(last)]
            self.waiting[series_id] = later[::-1]
            if later:
                self.read[series_id] = later[-1]
                self.again[series_id] = sum(place.timestamp == later[-1].timestamp for place in chunk)
        for series_id in fresh:
            self._push(series_id)

    def _left(self, series_id: str) -> tuple[int, int]:
        """Return the first and the last time that is left to read of a series."""
        last = self.read.get(series_id)
        if last is None:
            return self.low, self.high
        return (self.low, last.timestamp) if self.newest_first else (last.timestamp, self.high)

    def _push(self, series_id: str) -> None:
        if self.waiting[series_id]:
            place = self.waiting[series_id].pop()
            heapq.heappush(self.heap, (self.key(place), place))
