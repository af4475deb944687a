"""Offsets: a series rises because others of its service fall, as in a migration; the service costs the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from kumo.domain.totals.folding import JudgedPeriod

COVERED_PERCENT: Final = 80  # of a rise, from which on it raises no alert
NOTABLE_PERCENT: Final = 5  # of a rise: smaller falls are noise, and not named
LATELY: Final = 7  # days before a rise, in most of which a series must have entries to have a usual amount
WHOLE_PERCENT: Final = 90  # of what is usual for all other services: a running day that is nearly complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """Another series of the service, in any account and region, in the period of the rise. Amounts are in micros.

    `usual` is its expected amount, 0 if it has no entries in most such periods. `total` is None without entries.
    `fallen` is how far its last complete period was below its usual. `came_whole`: it has one entry
    a period, and this one arrived in the request or import of the rise.
    """

    series_id: str
    usual: int
    total: int | None
    is_over: bool
    fallen: int = 0
    came_whole: bool = False

    @property
    def fall(self) -> int:
        """Return how much less than usual it costs, in micros; negative if more.

        While its period runs, its total still grows and shows no fall; only an earlier fall counts.
        """
        if self.is_over or (self.came_whole and self.total is not None):
            return self.usual - (self.total or 0)
        rise = max((self.total or 0) - self.usual, 0)
        return -rise or max(self.fallen, 0)


class Fall(NamedTuple):
    """A series that fell, and by how much in micros."""

    series_id: str
    micros: int


@dataclass(frozen=True, slots=True)
class Offset:
    """The falls while a series rose, largest first; `covered` is the part of the rise, in micros."""

    rise: int
    covered: int
    falls: tuple[Fall, ...]

    @property
    def silences(self) -> bool:
        """Whether the rise raises no alert: at least 80 % of it is offset."""
        return 100 * self.covered >= COVERED_PERCENT * self.rise


def find_offset(rise: int, siblings: Iterable[Sibling], *, within_usual: bool) -> Offset | None:
    """Return the offsets of a rise, in micros; None if there are none.

    `within_usual`: the service as a whole, over all accounts and regions, is not above its limit. Simultaneous rises of
    others of the service are subtracted from the falls. So many small random falls, with as many random rises, cover
    nothing, and one fall does not cover two rises.
    """
    if rise <= 0 or not within_usual:
        return None
    changes = [Fall(sibling.series_id, sibling.fall) for sibling in siblings]
    falls = [each for each in changes if 100 * each.micros >= NOTABLE_PERCENT * rise]
    covered = min(sum(each.micros for each in falls), sum(each.micros for each in changes), rise)
    if covered <= 0:
        return None
    return Offset(rise, covered, tuple(sorted(falls, key=lambda each: (-each.micros, each.series_id))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """When a series rises: the first and the last anomalous day, and the first running one, counted from 1970.

    `is_whole`: the last day seems to be complete, although it is running.
    """

    first: int
    last: int
    first_running: int
    is_whole: bool = False

    @property
    def days(self) -> list[int]:
        """The days of another series that tell whether it fell."""
        over = min(self.last, self.first_running) - 1
        return sorted({*range(self.first - LATELY, self.first + 1), over, self.last})


@dataclass(frozen=True, slots=True)
class SiblingDays:
    """The days of a rise of another series: number of entries and micros of those with entries, and verdicts."""

    totals: Mapping[int, tuple[int, int]]
    judged: Mapping[int, JudgedPeriod]

    def describe(self, series_id: str, rise: Rise) -> Sibling:
        """Return how it stands on the last day of a rise, compared with its usual amount when the rise began.

        So a migration stays one, also when the detector has learned the new amounts.
        """
        usual, total = self._find_usual(rise), self.totals.get(rise.last)
        over = self.totals.get(min(rise.last, rise.first_running) - 1)
        entries = max((count for count, _ in self.totals.values()), default=0)
        return Sibling(
            series_id=series_id,
            usual=usual,
            total=None if total is None else total[1],
            is_over=rise.last < rise.first_running,
            fallen=usual - (over[1] if over else 0),
            came_whole=rise.is_whole and entries == 1,
        )

    def _find_usual(self, rise: Rise) -> int:
        lately = [day for day in range(rise.first - LATELY, rise.first) if day in self.totals]
        if 2 * len(lately) < LATELY:
            return 0
        known = (self.judged[day].usual for day in (rise.first, *reversed(lately)) if day in self.judged)
        return next((usual for usual in known if usual is not None), 0)


def is_whole_day(others: int, usual: int) -> bool:
    """Return whether a running day seems complete by what all other services cost so far, and usually cost."""
    return 100 * others >= WHOLE_PERCENT * usual
