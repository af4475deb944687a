"""How often a series has entries, from their timestamps, and the place of a time in week and month."""

from functools import lru_cache
from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive.curve import ln
from kumo.domain.maker import maker

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
GAP_GAIN: Final = 0.02  # the mean gap of about the last fifty entries: two days of an hourly series
MOST_A_DAY: Final = 1440.0  # one a minute: a faster series is judged as if it had that many

WEEKDAYS: Final = 7
HOURS: Final = 24
SLOTS: Final = WEEKDAYS + 2 * HOURS
SATURDAY: Final = 5
SUB_DAILY: Final = 4.0  # entries a day from which on a series counts as hourly


class Pace(NamedTuple):
    """Entries a day, between 1 and 1440, and the logarithm of that."""

    per_day: float
    log: float


# A regular series always has exactly the same gap, and most series are regular.
@lru_cache(maxsize=4096)
def pace(gap: float) -> Pace:
    """Return the pace of a series from its mean gap in ms; 0 means a series with one entry."""
    per_day = min(DAY_MS / gap, MOST_A_DAY) if gap > 0.0 else 1.0
    return Pace(per_day, ln(per_day))


class Cadence(NamedTuple):
    """The number of entries, the newest timestamp, and the mean gap between timestamps, both in ms."""

    entries: int = 0
    newest: int = 0
    gap: float = 0.0

    @property
    def pace(self) -> Pace:
        """The pace of the entries."""
        return pace(self.gap)

    def absorb(self, timestamp: int) -> "Cadence":
        """Count an entry. A late one does not change the gap; a pause counts as at most a day and is soon forgotten."""
        entries, newest, gap = self
        if not entries:
            return make_cadence(entries=1, newest=timestamp, gap=0.0)
        if timestamp < newest:
            return make_cadence(entries=entries + 1, newest=newest, gap=gap)
        gain = max(1.0 / entries, GAP_GAIN)
        gap += gain * (min(timestamp - newest, DAY_MS) - gap)
        return make_cadence(entries=entries + 1, newest=timestamp, gap=gap)


make_cadence: Final = maker(Cadence)


class Moment(NamedTuple):
    """A day since 1970, its day of the month from 0, and the slots of its weekday and of the hour."""

    day: int
    of_month: int
    weekday: int
    hour: int


def moment(timestamp: int) -> Moment:
    """Return the moment of a timestamp in ms (UTC)."""
    return _moment(timestamp // HOUR_MS)


@lru_cache(maxsize=4096)
def _moment(hours: int) -> Moment:
    """Return the moment of an hour since 1970; hours of weekends have their own slots."""
    day, hour = divmod(hours, HOURS)
    weekday, of_month = _calendar(day)
    slot = WEEKDAYS + hour + (HOURS if weekday >= SATURDAY else 0)
    return Moment(day=day, of_month=of_month, weekday=weekday, hour=slot)


def _calendar(day: int) -> tuple[int, int]:
    """Return weekday (Monday is 0) and day of the month from 0; Hinnant, "chrono-Compatible Date Algorithms"."""
    shifted = day + 719_468
    of_era = shifted % 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return (day + 3) % WEEKDAYS, of_year - (153 * month + 2) // 5
