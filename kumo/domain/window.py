"""The window of a series in memory: what `parts/window.lua` keeps in Redis, for replaying without one."""

from bisect import bisect_right

from kumo.domain.moments import EMPTY, Moments


class Window:
    """The newest entries of a series, at most `size`, by timestamp and then by arrival, with their moments.

    Only ever grows and forgets: nothing is removed or restated, so what has left never comes back.
    """

    __slots__ = ("_amounts", "_size", "_timestamps", "moments")

    def __init__(self, size: int) -> None:
        self._size = size
        self._timestamps: list[int] = []
        self._amounts: list[int] = []
        self.moments: Moments = EMPTY

    def enter(self, timestamp: int, amount: int) -> None:
        """Take in the next arrival (ms, micros); of more than `size` the oldest leaves.

        Costs O(log size) comparisons and a move of at most `size` pointers: an entry in order is appended.
        """
        # Of equal timestamps the later arrival is the newer one, hence to the right of them.
        place = bisect_right(self._timestamps, timestamp)
        self._timestamps.insert(place, timestamp)
        self._amounts.insert(place, amount)
        n, total, squares = self.moments.n, self.moments.total + amount, self.moments.squares + amount * amount
        if n < self._size:
            self.moments = Moments(n=n + 1, total=total, squares=squares)
            return
        # What is older than a full window is the first now, and leaves again at once.
        left = self._amounts.pop(0)
        del self._timestamps[0]
        self.moments = Moments(n=n, total=total - left, squares=squares - left * left)
