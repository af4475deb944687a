"""Lists in the order of sorted sets: by time, then by id, as Redis orders members with equal scores.

A list is read in rounds. Each round reads the next rows of every set of the list, after the last row of the previous
round. A set that returned a full number of rows may have more, so rows beyond the first such end wait for
the next round. It does not matter how many rows share a time, or which rows are added or removed between two rounds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from kumo.domain.paging import Position
from kumo.store import answers
from kumo.store.client import Store, pairs
from kumo.store.commands import range_by_score

LEAST_ROWS: Final = 16
MOST_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """The wanted part of a list: between two times in ms (inclusive), in which order, and after which row."""

    low: int
    high: int
    newest_first: bool
    after: Position | None = None

    @property
    def command(self) -> str:
        """The command that reads a sorted set in this order."""
        return "ZREVRANGEBYSCORE" if self.newest_first else "ZRANGEBYSCORE"

    @property
    def left(self) -> tuple[int, int]:
        """The lowest and the highest remaining time."""
        if self.after is None:
            return self.low, self.high
        at = self.after.time
        return (self.low, min(self.high, at)) if self.newest_first else (max(self.low, at), self.high)

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last remaining time, in order."""
        low, high = self.left
        return (high, low) if self.newest_first else (low, high)

    def has(self, time: int) -> bool:
        """Return whether a time is in the rest."""
        low, high = self.left
        return low <= time <= high

    def up_to(self, time: int) -> "Bounds":
        """Return these bounds with this time as the last one."""
        return replace(self, low=time) if self.newest_first else replace(self, high=time)

    @property
    def tie(self) -> Position | None:
        """The row that it begins after, if other rows with the same time may remain."""
        return self.after if self.after and self.after.time == self.ends[0] else None


# Reads a round of the rest, with this number of rows of each part; returns the rows, and the end beyond which there may
# be more.
Round = Callable[[Bounds, int], tuple[list[Position], Position | None]]


def rounds(read_round: Round, bounds: Bounds, size: int) -> Iterator[list[Position]]:
    """Yield a list round by round, in growing rounds."""
    left: Bounds | None = bounds
    while left:
        size = min(MOST_ROWS, size)
        rows, end = read_round(left, size)
        yield rows
        left = replace(bounds, after=end) if end else None
        size *= 2


def read(store: Store, sets: Sequence[str], bounds: Bounds, wanted: int) -> Iterator[list[Position]]:
    """Yield the rows of several sorted sets, whose members are ids, as one list, some at a time."""

    def read_round(left: Bounds, size: int) -> tuple[list[Position], Position | None]:
        return merge([positions(answer) for answer in _next(store, sets, left, size)], left, size)

    return rounds(read_round, bounds, max(LEAST_ROWS, 2 * wanted // len(sets)))


def _next(store: Store, sets: Sequence[str], bounds: Bounds, size: int) -> list[list[bytes]]:
    begin, end = bounds.ends
    if bounds.tie is None:
        return store.many(range_by_score(bounds.command, key, begin, end, size) for key in sets)
    # The shortest text that follows an id: with it, the row itself is excluded.
    text = bounds.tie.id + ("" if bounds.newest_first else "\0")
    asked: dict[str, str | int] = {"command": bounds.command, "score": begin, "text": text, "last": end, "most": size}
    return [answers.texts(found) for found in store.run_each("read_after", [({"rows": key}, asked) for key in sets])]


def positions(answer: Sequence[bytes]) -> list[Position]:
    """Parse ids with their times."""
    return [Position(int(time), row.decode()) for row, time in pairs(answer)]


def merge(found: Sequence[Sequence[Position]], bounds: Bounds, size: int) -> tuple[list[Position], Position | None]:
    """Merge a round whose parts have at most `size` rows each."""
    ends = [rows[-1] for rows in found if len(rows) == size]
    return cut(found, ends, newest_first=bounds.newest_first)


def cut(
    found: Iterable[Sequence[Position]], ends: Iterable[Position], *, newest_first: bool
) -> tuple[list[Position], Position | None]:
    """Merge rows up to the first of the ends beyond which there may be more; return that end, or None.

    Each end is one of the rows.
    """
    rows = sorted(chain.from_iterable(found), reverse=newest_first)
    end = (max if newest_first else min)(ends, default=None)
    if end is None:
        return rows, None
    return [row for row in rows if (row >= end if newest_first else row <= end)], end
