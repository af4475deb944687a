"""The entries of one series in a replay: their window, their verdicts, and what external ids restate."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kumo.domain.judging import Arrival, Status, Verdict
from kumo.domain.moments import Moments
from kumo.domain.window import Window
from kumo.engine.backtest.rows import Row


class Outcome(NamedTuple):
    """The verdict on a row: its status, its z and its score, None if it has none."""

    status: Status
    z: float | None
    score: float | None


@dataclass(slots=True)
class KnownEntry:
    """An entry with an external id: its first row, its time, its amount now, and its last verdict.

    `judged` is its own verdict if it was judged beside the total of its day.
    """

    seq: int
    timestamp: int
    amount: int
    outcome: Outcome | None = None
    judged: Verdict | None = None


@dataclass(slots=True)
class SeriesReplay:
    """The state of the entries of a series before the next one."""

    window: Window
    state: Any
    known: dict[str, KnownEntry] = field(default_factory=dict)

    def find_known(self, row: Row) -> KnownEntry | None:
        """Return the entry that a row restates; None if it is a new one."""
        return self.known.get(row.external_id) if row.external_id else None

    def enter(self, row: Row, known: KnownEntry | None) -> Arrival:
        """Let a row enter the window, at the time of its entry; return its arrival, with the moments before it."""
        seq = row.place + 1
        if known is None:
            baseline = self.window.moments
            self.window.enter(row.timestamp, row.amount)
            if row.external_id:
                self.known[row.external_id] = KnownEntry(seq=seq, timestamp=row.timestamp, amount=row.amount)
            return _arrive(seq, seq, row, row.timestamp, baseline)
        baseline = self.window.restate(known.timestamp, known.amount, row.amount)
        known.amount = row.amount
        return _arrive(seq, known.seq, row, known.timestamp, baseline)


def _arrive(seq: int, entry_seq: int, row: Row, timestamp: int, baseline: Moments) -> Arrival:
    return Arrival(
        seq=seq,
        series_id=row.named.id,
        entry_seq=entry_seq,
        timestamp=timestamp,
        amount=row.amount,
        baseline=baseline,
    )
