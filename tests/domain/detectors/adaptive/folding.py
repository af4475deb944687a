"""Folding amounts through the detector, as a judge would."""

from collections.abc import Iterable, Sequence

from kumo.domain import moments
from kumo.domain.detectors.adaptive.detector import Adaptive
from kumo.domain.detectors.adaptive.state import NEW, State
from kumo.domain.judging import Arrival, Verdict

DETECTOR = Adaptive(threshold=3.0, min_history=10)
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MONDAY = 1_704_067_200_000  # 1 January 2024
UNIT = 10**6


def arrival(timestamp: int, amount: int, seq: int = 2, entry_seq: int | None = None) -> Arrival:
    return Arrival(
        seq=seq,
        series_id="a" * 16,
        entry_seq=entry_seq or seq,
        timestamp=timestamp,
        amount=amount,
        baseline=moments.EMPTY,
    )


def fold(rows: Iterable[tuple[int, int]], before: State = NEW) -> tuple[list[Verdict], State]:
    verdicts = []
    for timestamp, amount in rows:
        verdict, before = DETECTOR.judge(arrival(timestamp, amount), before)
        verdicts.append(verdict)
    return verdicts, before


def daily(amounts: Sequence[float], start: int = MONDAY) -> list[tuple[int, int]]:
    return [(start + day * DAY_MS, round(amount * UNIT)) for day, amount in enumerate(amounts)]


def wavering(days: int, usual: float = 100.0) -> list[float]:
    """Costs around the usual, three percent up and down, without chance."""
    return [usual * (1 + 0.03 * ((day * 7919) % 13 - 6) / 6) for day in range(days)]
