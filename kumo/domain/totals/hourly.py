"""Days of a series whose hours are judged too: a day is an anomaly as well if one of its hours is."""

from collections.abc import Mapping, Sequence
from typing import Final

from kumo.domain.judging import Cause
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.domain.totals.periods import DAYS_TO_BEGIN, HOURLY_HOURS, Hourliness

HOURS: Final = 24


def may_be_hourly(entries: Sequence[int]) -> bool:
    """Return whether a series may be hourly, by the numbers of entries of its newest days that are over."""
    newest = entries[-DAYS_TO_BEGIN:]
    return len(newest) == DAYS_TO_BEGIN and min(newest) >= HOURLY_HOURS


def find_hourliness(counts: Mapping[int, int]) -> Hourliness:
    """Return the hourliness after some days that are over; `counts` has in how many hours each has entries."""
    known = Hourliness()
    for day in sorted(counts):
        known = known.absorb(counts[day])
    return known


def merge_hours(day: JudgedPeriod, hours: Sequence[JudgedPeriod], *, is_running: bool) -> JudgedPeriod:
    """Return the verdict on a day with the verdicts on its hours, whatever these were before."""
    own = day if day.hours_excess is None else _separate(day, is_running=is_running)
    flagged = [hour for hour in hours if hour.status is TotalStatus.ANOMALY]
    if not flagged or own.status is TotalStatus.ANOMALY:
        return own
    chances = [hour.chance for hour in flagged if hour.chance is not None]
    return own._replace(
        status=TotalStatus.ANOMALY,
        cause=Cause.HOUR,
        # A healthy day has as many chances as it has hours.
        chance=min(1.0, HOURS * min(chances)) if chances else None,
        hours_excess=sum(hour.excess for hour in flagged),
    )


def _separate(day: JudgedPeriod, *, is_running: bool) -> JudgedPeriod:
    """Return the verdict on a day without its hours, which alone made it an anomaly."""
    over = TotalStatus.LEARNING if day.usual is None else TotalStatus.NORMAL
    status = TotalStatus.RUNNING if is_running else over
    return day._replace(status=status, cause=None, chance=None, hours_excess=None)
