"""The window of a series in memory: the same as `parts/window.lua` in Redis, for replays without it."""

from bisect import bisect_right

from kumo.domain.moments import EMPTY, Moments


class Window:
    """The newest entries of a series, at most `size`, by timestamp and then by arrival, with their moments.

    It only grows and drops old entries; nothing is removed or restated, so a dropped entry never returns.
    """

    __slots__ = ("_amounts", "_size", "_timestamps", "moments")

    def __init__(self, size: int) -> None:
        self._size = size
        self._timestamps: list[int] = []
        self._amounts: list[int] = []
        self.moments: Moments = EMPTY

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
