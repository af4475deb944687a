"""Score alerts by event.

An event is caught by an alert in `start`..`credit_end`: all of a spike or leak, the first week (48 hours, 60 entries)
of a level shift. A false alarm is a day (UTC) of a series with an alert outside all of that, also on an old shift.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from tests.quality.series import Event, Series

HORIZON: Final = {"daily": 60, "hourly": 480, "entries": 400}
DAY_MS: Final = 86_400_000


@dataclass
class Score:
    """Counts over many series, and the figures that follow."""

    false: int = 0
    months: float = 0.0
    caught: float = 0.0
    excess: float = 0.0
    hits: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    per_shift: list[int] = field(default_factory=list)
    delays: dict[str, list[int]] = field(default_factory=dict)

    @property
    def precision(self) -> float:
        return _share(self.hits.total(), self.hits.total() + self.false)

    @property
    def recall(self) -> float:
        return _share(self.hits.total(), self.events.total())

    @property
    def f1(self) -> float:
        return _share(2 * self.precision * self.recall, self.precision + self.recall)

    @property
    def false_a_month(self) -> float:
        return _share(self.false, self.months)

    @property
    def alerts_per_shift(self) -> float:
        return _share(sum(self.per_shift), len(self.per_shift))

    @property
    def money(self) -> float:
        return _share(self.caught, self.excess)

    def recall_of(self, kind: str) -> float:
        return _share(self.hits[kind], self.events[kind])

    def delay(self, granularity: str) -> float | None:
        """Return the median delay of the caught events, in rows."""
        return median(self.delays[granularity]) if self.delays.get(granularity) else None


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def score(told: Iterable[tuple[Series, Sequence[int]]]) -> Score:
    """Score the alerts of many series."""
    total = Score()
    for series, rows in told:
        _add(total, series, [row for row in rows if row >= series.probation])
    return total


def _add(total: Score, series: Series, rows: list[int]) -> None:
    total.months += series.months
    for event in series.events:
        _judge(total, series, event, rows)
    outside = [row for row in rows if not any(event.start <= row <= event.credit_end for event in series.events)]
    total.false += len({series.rows[row][0] // DAY_MS for row in outside})


def _judge(total: Score, series: Series, event: Event, rows: list[int]) -> None:
    inside = [row for row in rows if event.start <= row <= event.credit_end]
    total.events[event.kind] += 1
    total.excess += event.excess
    if inside:
        total.hits[event.kind] += 1
        total.caught += event.excess
        total.delays.setdefault(series.granularity, []).append(inside[0] - event.start)
    if event.kind == "shift":
        last = min(event.end, event.start + HORIZON[series.granularity])
        total.per_shift.append(sum(event.start <= row <= last for row in rows))
