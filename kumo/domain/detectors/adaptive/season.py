"""What is usual for a weekday or an hour: offsets from the level, and the error of each prediction so far.

Three predictions compete: the level alone, with the offset of the weekday, with that of the hour (of a working day or
of the weekend). The one with the smallest error so far is used, so the season needs no configuration. Offsets are
exponentially weighted means (Holt 1957, Winters 1960). The spread is 1.2533 times the mean absolute error, which
equals σ for normal noise (Geary 1935) and is less sensitive to outliers than squares.
"""

from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive.cadence import SLOTS, Moment
from kumo.domain.detectors.adaptive.curve import clamp
from kumo.domain.maker import maker

LEVEL, WEEKDAY, HOUR = 0, 1, 2
GAIN: Final = 0.12  # an offset is the mean of about its last eight visits: two months of a weekday
MATURE: Final = 7  # visits after which the weight of the plain mean has fallen to that gain
FIRST_VISITS: Final = 3  # until then a visit counts in full: with clipping, learning would take months
CLIP: Final = 2.5  # how many spreads one entry may count for, as in a Huber mean
MEAN_TO_SIGMA: Final = 1.2533  # √(π/2)
FLOOR: Final = 0.04  # the smallest spread is 4 %: bills are rounded, prices and lengths of months vary
ERROR_GAIN: Final = 0.03  # the spread of about the last thirty entries
ERROR_CLIP: Final = 3.0
CHOSEN: Final = 0.95  # a season must be better than none by 5 %, so that noise is not taken for one


class Season(NamedTuple):
    """Offsets of 7 weekdays and 2 × 24 hours, on the curve, and the number of visits of each (counted up to 7)."""

    offsets: tuple[float, ...] = (0.0,) * SLOTS
    visits: bytes = bytes(SLOTS)


class Residuals(NamedTuple):
    """The residual of an entry under each of the three predictions, on the curve."""

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
        """Return the prediction with the smallest error: LEVEL, WEEKDAY or HOUR."""
        level, weekday, hour = self
        if min(weekday, hour) >= CHOSEN * level:
            return LEVEL
        return WEEKDAY if weekday <= hour else HOUR

    def absorb(self, left: Residuals, gain: float, clip: float) -> "Errors":
        """Count the error of each prediction, limited to `clip` of its own spreads."""
        level, weekday, hour = self
        # The same as `spread`, without three calls for each judged entry.
        return make_errors(
            level=level + gain * (min(abs(left.level), clip * max(MEAN_TO_SIGMA * level, FLOOR)) - level),
            weekday=weekday + gain * (min(abs(left.weekday), clip * max(MEAN_TO_SIGMA * weekday, FLOOR)) - weekday),
            hour=hour + gain * (min(abs(left.hour), clip * max(MEAN_TO_SIGMA * hour, FLOOR)) - hour),
        )


make_errors: Final = maker(Errors)


def spread(error: float) -> float:
    """Return σ from a mean absolute error, or its minimum if that is larger."""
    return max(MEAN_TO_SIGMA * error, FLOOR)


def residuals(season: Season, moment: Moment, from_level: float) -> Residuals:
    """Return the residual of a distance from the level under each of the three predictions."""
    weekday, hour = season.offsets[moment.weekday], season.offsets[moment.hour]
    return make_residuals(level=from_level, weekday=from_level - weekday, hour=from_level - hour)


def absorb(season: Season, moment: Moment, left: Residuals, errors: Errors) -> Season:
    """Move the offsets of this weekday and this hour towards the entry."""
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
    """Return how far an offset moves after this number of visits."""
    if seen < FIRST_VISITS:
        return 1.0 / (seen + 1.5) * residual
    step = clamp(residual, CLIP * spread(error))
    return (GAIN if seen >= MATURE else 1.0 / (seen + 1.5)) * step
