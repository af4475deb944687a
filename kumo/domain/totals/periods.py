"""Periods: the days and hours, in UTC, whose totals are judged."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from kumo.domain.entries import DAY_MS

HOUR_MS: Final = 3_600_000
HOUR_TOTALS_DAYS: Final = 35  # hour totals are kept so long; older hours are known by the entries alone
HOURLY_HOURS: Final = 12  # of a day that counts as one of an hourly series
DAYS_TO_BEGIN: Final = 7
DAYS_TO_END: Final = 3

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PERIOD: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d):00:00Z)?", re.ASCII)
_NO_PERIOD: Final = "must be a date or the start of an hour in UTC, such as 2026-01-31T09:00:00Z"


class Grain(StrEnum):
    """How long a period is."""

    DAY = "day"
    HOUR = "hour"

    @property
    def length(self) -> int:
        """The length of a period in milliseconds."""
        return DAY_MS if self is Grain.DAY else HOUR_MS


class Period(NamedTuple):
    """A day or an hour, by its start in ms since 1970 (UTC). Ordered by start; a day comes before its first hour."""

    start: int
    grain: Grain

    @property
    def end(self) -> int:
        """The first millisecond after it."""
        return self.start + self.grain.length

    @property
    def number(self) -> int:
        """Its number since 1970, among the periods of its grain."""
        return self.start // self.grain.length

    @property
    def day(self) -> "Period":
        """The day that it is, or lies in."""
        return period_of(self.start, Grain.DAY)

    @property
    def text(self) -> str:
        """A date for a day, and the start in RFC 3339 for an hour."""
        moment = _EPOCH + timedelta(milliseconds=self.start)
        return moment.strftime("%Y-%m-%d" if self.grain is Grain.DAY else "%Y-%m-%dT%H:00:00Z")


def period_of(timestamp: int, grain: Grain) -> Period:
    """Return the period in which a timestamp in ms lies."""
    return Period(timestamp - timestamp % grain.length, grain)


def number_period(number: int, grain: Grain) -> Period:
    """Return a period by its number since 1970."""
    return Period(number * grain.length, grain)


def parse_period(text: object) -> Period:
    """Read a period as `Period.text` writes it; raises `ValueError`."""
    found = _PERIOD.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(_NO_PERIOD)
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2] or '00'}:00:00+00:00")
    except ValueError:
        raise ValueError(_NO_PERIOD) from None
    if moment < _EPOCH:
        raise ValueError("must not be before 1970")
    start = (moment - _EPOCH) // timedelta(milliseconds=1)
    return Period(start, Grain.HOUR if found[2] else Grain.DAY)


class Hourliness(NamedTuple):
    """Whether a series is judged by the hour too, and how many days in a row speak for the opposite.

    A series becomes hourly once seven days in a row have entries in at least twelve hours each, and stays so until
    three days in a row have fewer. Only days count that are over and have entries.
    """

    hourly: bool = False
    days: int = 0

    def absorb(self, hours: int) -> "Hourliness":
        """Count the next day that is over, which has entries in so many hours (1 to 24)."""
        if (hours >= HOURLY_HOURS) is self.hourly:
            return self._replace(days=0)
        needed = DAYS_TO_END if self.hourly else DAYS_TO_BEGIN
        if self.days + 1 < needed:
            return self._replace(days=self.days + 1)
        return Hourliness(hourly=not self.hourly)
