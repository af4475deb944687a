"""What is usual for a weekday or an hour: offsets from the level, and how far each way of predicting has erred.

Three predictions compete: the level alone, with the offset of the weekday, with that of the hour (of a working day or
of the weekend). The one that erred least so far is used, so nobody has to say what season a series has. The offsets are
exponentially weighted means (Holt 1957, Winters 1960), the spread is 1.2533 times the mean absolute error, which for
normal noise is σ (Geary 1935) and minds an outlier less than squares would.
"""

from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive.cadence import SLOTS, Moment
from kumo.domain.detectors.adaptive.curve import clamp
from kumo.domain.maker import maker

LEVEL, WEEKDAY, HOUR = 0, 1, 2
GAIN: Final = 0.12  # an offset is the mean of about its last eight visits: two months of a weekday
MATURE: Final = 7  # visits after which the plain mean has come down to that gain
FIRST_VISITS: Final = 3  # until then a visit counts in full: clipped by the noise of other slots it would take months
CLIP: Final = 2.5  # how many spreads one entry may count for, as in a Huber mean
MEAN_TO_SIGMA: Final = 1.2533  # √(π/2)
FLOOR: Final = 0.04  # no series is trusted to be more even than 4 %: bills are rounded, prices and months uneven
ERROR_GAIN: Final = 0.03  # the spread of about the last thirty entries
ERROR_CLIP: Final = 3.0
CHOSEN: Final = 0.95  # a season has to be better than none by 5 %, lest noise be followed


class Season(NamedTuple):
    """Offsets of 7 weekdays and 2 × 24 hours, on the curve, and how often each was visited (counted up to 7)."""

    offsets: tuple[float, ...] = (0.0,) * SLOTS
    visits: bytes = bytes(SLOTS)


class Residuals(NamedTuple):
    """What is left of an entry's distance from the level under each of the three predictions, on the curve."""

    level: float = 0.0
    weekday: float = 0.0
    hour: float = 0.0


make_residuals: Final = maker(Residuals)


NO_RESIDUALS: Final = Residuals()


class Errors(NamedTuple):
    """Mean absolute errors of the three predictions, on the curve."""

    level: float = 0.0
    weekday: float = 0.0
    hour: float = 0.0

    def best(self) -> int:
        """Return which prediction erred least: LEVEL, WEEKDAY or HOUR."""
        level, weekday, hour = self
        if min(weekday, hour) >= CHOSEN * level:
            return LEVEL
        return WEEKDAY if weekday <= hour else HOUR

    def absorb(self, left: Residuals, gain: float, clip: float) -> "Errors":
        """Count how far each prediction was off, each at most `clip` of its own spreads."""
        level, weekday, hour = self
        # As `spread` has it, without three calls for each entry that is judged.
        return make_errors(
            level=level + gain * (min(abs(left.level), clip * max(MEAN_TO_SIGMA * level, FLOOR)) - level),
            weekday=weekday + gain * (min(abs(left.weekday), clip * max(MEAN_TO_SIGMA * weekday, FLOOR)) - weekday),
            hour=hour + gain * (min(abs(left.hour), clip * max(MEAN_TO_SIGMA * hour, FLOOR)) - hour),
        )


make_errors: Final = maker(Errors)


def spread(error: float) -> float:
    """Return the σ that a mean absolute error speaks of, or its floor where that is larger."""
    return max(MEAN_TO_SIGMA * error, FLOOR)


def residuals(season: Season, moment: Moment, from_level: float) -> Residuals:
    """Return what is left of a distance from the level under each of the three predictions."""
    weekday, hour = season.offsets[moment.weekday], season.offsets[moment.hour]
    return make_residuals(level=from_level, weekday=from_level - weekday, hour=from_level - hour)


def absorb(season: Season, moment: Moment, left: Residuals, errors: Errors) -> Season:
    """Move the offsets of this weekday and this hour towards what was seen."""
    offsets, visits = list(season.offsets), season.visits
    weekday, hour = moment.weekday, moment.hour
    offsets[weekday] += _step(visits[weekday], left.weekday, errors.weekday)
    offsets[hour] += _step(visits[hour], left.hour, errors.hour)
    for slot in (weekday, hour):
        seen = visits[slot]
        if seen < MATURE:
            visits = visits[:slot] + bytes((seen + 1,)) + visits[slot + 1 :]
    return Season(tuple(offsets), visits)


def _step(seen: int, residual: float, error: float) -> float:
    """Return how far an offset moves that was visited so often before."""
    if seen < FIRST_VISITS:
        return 1.0 / (seen + 1.5) * residual
    step = clamp(residual, CLIP * spread(error))
    return (GAIN if seen >= MATURE else 1.0 / (seen + 1.5)) * step
