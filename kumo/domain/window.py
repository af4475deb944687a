"""The window of a series in memory: the same as `parts/window.lua` in Redis, for replays without it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from kumo.domain.moments import EMPTY, Moments, of


class Window:
    """The newest entries of a series, at most `size`, by timestamp and then by arrival, with their moments.

    It grows, drops old entries and restates those in it; a dropped entry never returns.
    """

    __slots__ = ("_amounts", "_size", "_timestamps", "moments")

    def __init__(self, size: int, earlier: Sequence[int] = ()) -> None:
        """Begin with the amounts of earlier entries, in order of time, at most `size` of them."""
        self._size = size
        self._timestamps = [-1] * len(earlier)
        self._amounts = list(earlier)
        self.moments: Moments = of(earlier) if earlier else EMPTY

    def enter(self, timestamp: int, amount: int) -> None:
        """Add the next arrival (ms, micros); beyond `size` the oldest is dropped.

        Costs O(log size) comparisons and a move of at most `size` pointers; an entry in order is appended.
        """
        # Of equal timestamps the later arrival is newer, so it goes to their right.
        place = bisect_right(self._timestamps, timestamp)
        self._timestamps.insert(place, timestamp)
        self._amounts.insert(place, amount)
        n, total, squares = self.moments.n, self.moments.total + amount, self.moments.squares + amount * amount
        if n < self._size:
            self.moments = Moments(n=n + 1, total=total, squares=squares)
            return
        # An entry older than a full window is now the first, and is dropped at once.
        left = self._amounts.pop(0)
        del self._timestamps[0]
        self.moments = Moments(n=n, total=total - left, squares=squares - left * left)

    def restate(self, timestamp: int, old: int, new: int) -> Moments:
        """Give an entry another amount in its place, if it is in the window; return the moments without it."""
        place = bisect_left(self._timestamps, timestamp)
        while place < len(self._timestamps) and self._timestamps[place] == timestamp:
            if self._amounts[place] == old:
                return self._replace(place, new)
            place += 1
        return self.moments

    def _replace(self, place: int, new: int) -> Moments:
        known, old = self.moments, self._amounts[place]
        self._amounts[place] = new
        n, total, squares = known.n, known.total - old, known.squares - old * old
        self.moments = Moments(n=n, total=total + new, squares=squares + new * new)
        return Moments(n=n - 1, total=total, squares=squares)
