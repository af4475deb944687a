"""Judging a history again exactly as live: the same folds over the same windows, held in memory."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from kumo.domain import anomalies
from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import Anomaly, Step
from kumo.domain.detectors import Detector
from kumo.domain.judging import CALM_TO_CLOSE, Arrival, Status, Verdict
from kumo.domain.window import Window


class HistoryEntry(NamedTuple):
    """One entry of a history: its number, series, time in ms, amount in micros; and its original text.

    `label` says whether a person calls it an anomaly, None without a label.
    """

    seq: int
    series_id: str
    timestamp: int
    amount: int
    written: tuple[str, str]
    label: bool | None = None


class Replayed(NamedTuple):
    """The verdict on an entry, and its effect on anomalies."""

    verdict: Verdict
    step: Step

    @property
    def alerted(self) -> bool:
        """Whether it raises an alert."""
        return self.step.alert is AlertKind.OPENED or self.step.alert is AlertKind.WORSENED

    @property
    def opened(self) -> bool:
        """Whether it opens an anomaly."""
        changed = self.step.changed
        return changed is not None and changed.entries == 1 and self.verdict.status is Status.ANOMALY


@dataclass(slots=True)
class _Past:
    """The state of a series before its next entry."""

    window: Window
    state: Any
    current: Anomaly | None = None


class Replay:
    """Judges entries one by one, each against the earlier ones. Holds a window and a state for each series."""

    def __init__(self, detector: Detector[Any], window: int) -> None:
        self._detector = detector
        self._size = window
        self._pasts: dict[str, _Past] = {}

    def judge(self, entry: HistoryEntry) -> Replayed:
        """Judge the next entry."""
        seq, series_id, timestamp, amount, _, _ = entry
        past = self._pasts.get(series_id) or self._begin(series_id)
        arrival = Arrival(
            seq=seq,
            series_id=series_id,
            entry_seq=seq,
            timestamp=timestamp,
            amount=amount,
            baseline=past.window.moments,
        )
        verdict, past.state = self._detector.judge(arrival, past.state)
        # Only an open anomaly can end, and few series have one, so the others are skipped.
        calm = self._detector.calm_to_close(past.state) if past.current is not None else CALM_TO_CLOSE
        step = anomalies.step(past.current, arrival, verdict, None, calm)
        past.current = step.current
        past.window.enter(timestamp, amount)
        return Replayed(verdict, step)

    def _begin(self, series_id: str) -> _Past:
        past = self._pasts[series_id] = _Past(Window(self._size), self._detector.unpack(b""))
        return past
