"""The moments of a window: n, sum and sum of squares, exact, and figures derived from them.

Redis cannot store the square of an amount: 10¹⁸ micros squared has 37 digits; its integers have at most 19, Lua's
doubles 16. So the recording script splits x into limbs, x = a·10¹² + b·10⁶ + c (each with the sign of x), and keeps
the sums of a, b, c and of the five digits of x² in base 10⁶. This module joins them into Python's unbounded integers.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain.money import SCALE

LIMBS: Final = 8
BASE: Final = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """n entries, their sum in micros and the sum of their squares in micros²."""

    n: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        """The mean in units; 0 for an empty window. Dividing integers rounds once, so it is the nearest float."""
        return self.total / (self.n * SCALE) if self.n else 0.0

    @property
    def stddev(self) -> float:
        """The sample standard deviation (n − 1) in units; 0 below two entries."""
        return deviation_of(self.n, self.scatter)

    @property
    def scatter(self) -> int:
        """n·Σx² − (Σx)², the exact numerator of the variance; never negative."""
        return self.n * self.squares - self.total * self.total


def deviation_of(n: int, scatter: int) -> float:
    """Return the sample standard deviation (n − 1) in units, from the numerator of the variance."""
    if n < 2:  # noqa: PLR2004 - undefined for one
        return 0.0
    return math.sqrt(scatter / (n * (n - 1) * SCALE * SCALE))


EMPTY: Final = Moments(n=0, total=0, squares=0)


def of(amounts: Iterable[int]) -> Moments:
    """Compute the moments of amounts in micros from scratch."""
    values = list(amounts)
    return Moments(n=len(values), total=sum(values), squares=sum(value * value for value in values))


def join(n: int, limbs: Sequence[int]) -> Moments:
    """Join the three limb sums of x and the five of x² into moments."""
    a, b, c, *squares = limbs
    joint = 0
    for limb in squares:
        joint = joint * BASE + limb
    return Moments(n=n, total=(a * BASE + b) * BASE + c, squares=joint)
