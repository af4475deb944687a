"""Leaks and shifts too small for one entry to show: cumulative sums of residuals (Page 1954), up and down.

S = max(0, S + z − k). For normal noise a sum exceeds h about once in e^(2kh) entries. With k = ½, h grows by
ln(entries a day), so that an alarm is equally rare per day at any cadence. Correlated residuals climb higher without a
cause, so h is measured in units of the mean height of the series' earlier climbs.
"""

from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive.curve import clamp
from kumo.domain.maker import maker

SLACK: Final = 0.5  # k: half of the smallest shift to find, which is one spread
HEIGHT: Final = 8.0  # h of a daily series: e^8 days are eight years, because the noise is not exactly normal
CLIP: Final = 3.0  # a spike is not a drift: one entry counts for three spreads at most
LEAST_CLIMB: Final = SLACK  # one z just above zero is not a climb
CLIMB_GAIN: Final = 0.05  # about the last twenty climbs
MOST_TIMES_CLIMB: Final = 3.0  # so that a leak does not become normal


class Sum(NamedTuple):
    """A cumulative sum, the number of entries since it was zero, and the sum of their residuals on the curve."""

    height: float = 0.0
    entries: int = 0
    residuals: float = 0.0

    def absorb(self, z: float, residual: float, most: float) -> "Sum":
        """Add one z in the direction of this sum; the sum stays below `most`, so that it can come down in time."""
        height, entries, residuals = self
        height += z - SLACK
        if height <= 0.0:
            return NONE
        return make_sum(height=min(height, most), entries=entries + 1, residuals=residuals + residual)

    @property
    def mean(self) -> float:
        """The mean residual since the sum was last zero: how far the level has moved."""
        return self.residuals / self.entries


make_sum: Final = maker(Sum)


NONE: Final = Sum()


class Drift(NamedTuple):
    """Both sums, the level where the upper one was last zero, the mean height of climbs, and the current climb.

    `over`: the upper sum is above its limit, and this was reported.
    """

    up: Sum = NONE
    down: Sum = NONE
    anchor: float = 0.0
    climb: float = 1.0
    peak: float = 0.0
    over: bool = False

    def limit(self, log_rate: float) -> float:
        """Return h, the height of the sum that scores 3; `log_rate` is the logarithm of the entries a day."""
        return (HEIGHT + log_rate) * max(self.climb, 1.0)

    def height(self, z: float) -> float:
        """Return the height of the upper sum after one more z."""
        return self.up.height + clamp(z, CLIP) - SLACK

    def absorb(self, z: float, residual: float, level: float, limit: float) -> "Drift":
        """Count one entry; `level` is the one that it was judged against."""
        z = clamp(z, CLIP)
        up = self.up.absorb(z, residual, 2.0 * limit)
        down = self.down.absorb(-z, residual, 2.0 * limit)
        over = up.height > limit
        if not over and self.over:
            up = NONE  # a reported sum that comes down starts again
        if up.entries:
            peak = max(self.peak, up.height)
            return make_drift(up=up, down=down, anchor=self.anchor, climb=self.climb, peak=peak, over=over)
        if self.peak <= LEAST_CLIMB:
            return make_drift(up=up, down=down, anchor=level, climb=self.climb)
        climb = self.climb + CLIMB_GAIN * (min(self.peak - LEAST_CLIMB, MOST_TIMES_CLIMB * self.climb) - self.climb)
        return make_drift(up=up, down=down, anchor=level, climb=climb)


make_drift: Final = maker(Drift)
