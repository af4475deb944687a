"""Replaying a history under other settings: its alerts, and how many of them are right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kumo.domain import detectors
from kumo.domain.entries import DAY_MS
from kumo.domain.replay import HistoryEntry, Replay, Replayed
from kumo.domain.scoring import Score
from kumo.engine.backtest.history import History
from kumo.settings import Settings

MONTH_DAYS: Final = 365.2425 / 12

Write = Callable[[HistoryEntry, Replayed], None]


@dataclass(slots=True)
class Trial:
    """One detector with its settings, and its results; `score` is None for a history without labels."""

    settings: Settings
    score: Score | None
    alerts: int = 0
    anomalies: int = 0
    replay: Replay = field(init=False)

    def __post_init__(self) -> None:
        """Start without any series."""
        chosen = self.settings
        detector = detectors.build(chosen.detector, chosen.threshold, chosen.min_history)
        self.replay = Replay(detector, chosen.window)

    def judge(self, entry: HistoryEntry) -> Replayed:
        """Judge the next entry and count the result."""
        outcome = self.replay.judge(entry)
        alerted = outcome.alerted
        self.alerts += alerted
        self.anomalies += outcome.opened
        if self.score is not None:
            self.score.count(entry.series_id, entry.timestamp, labelled=bool(entry.label), alerted=alerted)
        return outcome


@dataclass(slots=True)
class Spans:
    """The first and last day of each series, counted from 1970-01-01 in UTC."""

    days: dict[str, tuple[int, int]] = field(default_factory=dict)

    def see(self, series_id: str, timestamp: int) -> None:
        """Record the day of an entry; `timestamp` in ms."""
        day = timestamp // DAY_MS
        first, last = self.days.get(series_id, (day, day))
        if series_id not in self.days or day < first or day > last:
            self.days[series_id] = min(first, day), max(last, day)

    @property
    def months(self) -> float:
        """The months of all series together: from the first day to the last, both included, at least a day each."""
        return sum(last - first + 1 for first, last in self.days.values()) / MONTH_DAYS


@dataclass(frozen=True, slots=True)
class Report:
    """The contents of a history, and the results of each detector."""

    rows: int
    spans: Spans
    trials: Sequence[Trial]


def replay_history(history: History, settings: Sequence[Settings], write: Write | None = None) -> Report:
    """Judge a history under each of the settings; `write` receives the outcomes of the last of them.

    Holds one window and one state for each series and each of the settings, for a history of any length.
    """
    trials = [Trial(chosen, Score() if history.labelled else None) for chosen in settings]
    spans, rows = Spans(), 0
    for entry in history.entries:
        rows += 1
        spans.see(entry.series_id, entry.timestamp)
        outcomes = [trial.judge(entry) for trial in trials]
        if write is not None:
            write(entry, outcomes[-1])
    return Report(rows, spans, trials)
