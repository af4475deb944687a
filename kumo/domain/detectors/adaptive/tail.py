"""How rare a residual is in this series, because some series have heavy tails.

Peaks over a threshold (Pickands 1975): the detector tracks the series' own 95 % point and the mean excess over it. With
an exponential tail, z is exceeded once in N entries at point + excess · ln(N / 20). Divided by the same figure for
normal noise, this says how much heavier than normal the tail is; the threshold grows by this factor. It also grows with
the cadence, so that a score of 3 is equally rare per day, with one entry a day or a thousand.
"""

import math
from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive.curve import ln
from kumo.domain.maker import maker

NOMINAL: Final = 3.0  # the score that is as rare per day as z = 3 in daily normal noise
BEYOND: Final = 0.05
NORMAL_POINT: Final = 1.645  # the 95 % point of normal noise and the mean excess over it
NORMAL_EXCESS: Final = 0.42
NORMAL_RARITY: Final = 0.00135  # how often normal noise is above 3
LOG_RARER: Final = ln(BEYOND / NORMAL_RARITY)
POINT_GAIN: Final = 0.03
LEAST_POINT: Final = 1.0  # so that the normal noise of a long quiet series is not an anomaly
EXCESS_GAIN: Final = 0.04  # about the last twenty-five exceedances, 500 entries: one event changes it little
MOST_TIMES_EXCESS: Final = (
    6.0  # so that a series stays sensitive after one event: six times the mean has a chance of 0.2 %
)
SMALL: Final = 3.5  # Student's t: with n entries the point of equal rarity is about 1 + 3.5/n times as far


class Tail(NamedTuple):
    """The 95 % point of z and the mean excess over it."""

    point: float = NORMAL_POINT
    excess: float = NORMAL_EXCESS

    def absorb(self, z: float) -> "Tail":
        """Count one z: the point moves by Robbins-Monro steps (1951), the excess is an exponentially weighted mean."""
        point, excess = self
        if z <= point:
            return make_tail(point=max(point - POINT_GAIN * BEYOND, LEAST_POINT), excess=excess)
        over = min(z - point, MOST_TIMES_EXCESS * excess)
        return make_tail(point=point + POINT_GAIN * (1.0 - BEYOND), excess=excess + EXCESS_GAIN * (over - excess))


make_tail: Final = maker(Tail)


def limit(tail: Tail, log_rate: float, entries: int) -> float:
    """Return the z that scores 3: as rare per day, in this series and after so many entries, as 3 in normal noise.

    `log_rate` is the logarithm of the entries a day.
    """
    rarer = LOG_RARER + log_rate
    heavier = (tail.point + tail.excess * rarer) / (NORMAL_POINT + NORMAL_EXCESS * rarer)
    # The normal point that is exceeded per_day times less often than 3: its density falls as e^(−z²/2).
    normal = math.sqrt(max(NOMINAL * NOMINAL + 2.0 * log_rate, 1.0))
    return normal * max(heavier, 1.0) * (1.0 + SMALL / max(entries, 1))
