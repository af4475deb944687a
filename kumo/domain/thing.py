"""A judged thing in memory: the totals of a series or group by day, and the verdicts on them."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kumo.domain.detectors import Detector
from kumo.domain.entries import Series
from kumo.domain.groups import Group
from kumo.domain.totals.alarms import compute_alarm
from kumo.domain.totals.chain import Chain
from kumo.domain.totals.folding import JudgedPeriod, Stretch, TotalStatus, fold
from kumo.domain.totals.periods import Grain

Subject = Series | Group
SINGLE_DAYS: Final = 7  # days with one entry each, after which a day with one is single

_ANY: Final = 2**70
_NOTABLE: Final = 16  # a running anomaly is judged again once its excess has grown by a sixteenth


@dataclass(slots=True)
class Thing:
    """A series or a group: its totals and verdicts by day, its chain, and the oldest day that changed since.

    `days`, `micros` and `entries` are parallel, in order of time, with the days that have entries. `alarms` says from
    which total to which a running day need not be judged again.
    """

    subject: Subject
    days: list[int] = field(default_factory=list)
    micros: list[int] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    judged: dict[int, JudgedPeriod] = field(default_factory=dict)
    chain: Chain = field(default_factory=lambda: Chain(Grain.DAY))
    dirty: int | None = None
    alarms: dict[int, tuple[int, int]] = field(default_factory=dict)

    def change(self, day: int, micros: int, entries: int) -> None:
        """Add to the total of a day, or take from it; a day without entries has no total."""
        place = len(self.days) - 1 if self.days and self.days[-1] == day else bisect_left(self.days, day)
        if place == len(self.days) or self.days[place] != day:
            self.days.insert(place, day)
            self.micros.insert(place, micros)
            self.entries.insert(place, entries)
        else:
            self.micros[place] += micros
            self.entries[place] += entries
        if self.entries[place] <= 0:
            del self.days[place], self.micros[place], self.entries[place]
            self.judged.pop(day, None)
        self.dirty = day if self.dirty is None else min(day, self.dirty)

    def read_day(self, day: int) -> tuple[int, int] | None:
        """Return the number of entries of a day and their total in micros; None without entries."""
        place = bisect_left(self.days, day)
        found = place < len(self.days) and self.days[place] == day
        return (self.entries[place], self.micros[place]) if found else None

    def read_total(self, day: int) -> int | None:
        """Return the total of a day in micros; None without entries."""
        found = self.read_day(day)
        return found[1] if found else None

    def find_earlier(self, day: int) -> Sequence[int]:
        """Return the days with entries before a day."""
        return self.days[: bisect_left(self.days, day)]

    def is_single(self, day: int) -> bool:
        """Return whether a day has one entry, and so have the days with entries before it."""
        place = bisect_left(self.days, day)
        return all(entries == 1 for entries in self.entries[max(place - SINGLE_DAYS, 0) : place + 1])

    def fold(self, detector: Detector[Any], window: int, first_running: int) -> int | None:
        """Judge what has changed: all days from the oldest one on, up to the running ones.

        Returns the first day whose verdict may have changed; None if there is none.
        """
        if self._is_quiet(first_running):
            self.dirty = None
            return None
        changed = min(self.chain.frontier, first_running, first_running if self.dirty is None else self.dirty)
        self.chain, complete = self.chain.rewind(changed), False
        while not complete:
            result = fold(detector, self.chain, self._read(window, first_running))
            self.chain, complete = result.chain, result.is_complete
            self.judged.update((each.number, each) for each in result.judged)
        running = self.days[bisect_left(self.days, first_running) :]
        self.alarms = {day: _alarm(self.judged[day]) for day in running}
        self.dirty = None
        return changed

    def _is_quiet(self, first_running: int) -> bool:
        """Return whether nothing but running totals changed, and none of them is above its alarm."""
        if self.chain.frontier != first_running or (self.dirty is not None and self.dirty < first_running):
            return False
        running = range(bisect_left(self.days, first_running), len(self.days))
        return all(self._is_within(self.days[place], self.micros[place]) for place in running)

    def _is_within(self, day: int, micros: int) -> bool:
        if day not in self.alarms:
            return False
        low, high = self.alarms[day]
        return low <= micros <= high

    def _read(self, window: int, first_running: int) -> Stretch:
        start = bisect_left(self.days, self.chain.frontier)
        return Stretch(
            totals=list(zip(self.days[start:], self.micros[start:], strict=True)),
            first_running=first_running,
            window=window,
            earlier=self.micros[max(start - window, 0) : start],
            newest=self.days[start - 1] if start else 0,
        )


def _alarm(period: JudgedPeriod) -> tuple[int, int]:
    """Return from which running total to which the verdict stays, in micros."""
    if period.status is TotalStatus.ANOMALY:
        return period.micros, period.micros + (period.micros - (period.usual or 0)) // _NOTABLE
    alarm = compute_alarm(period.limit)
    return -_ANY, _ANY if alarm is None else alarm
