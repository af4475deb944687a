"""The alerts of a series: the fold of a judge, over a window of a hundred entries."""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from kumo.domain import anomalies
from kumo.domain.anomalies import Anomaly
from kumo.domain.detectors import Detector
from kumo.domain.judging import Arrival
from kumo.domain.moments import Moments
from tests.quality.series import Series

WINDOW: Final = 100


def arrivals(series: Series) -> Iterator[Arrival]:
    """Yield the arrivals of a series, each with the baseline it would be recorded with."""
    window: deque[int] = deque(maxlen=WINDOW)
    total = squares = 0
    for number, (timestamp, amount) in enumerate(series.rows, start=1):
        yield Arrival(
            seq=number,
            series_id="a" * 16,
            entry_seq=number,
            timestamp=timestamp,
            amount=amount,
            baseline=Moments(n=len(window), total=total, squares=squares),
        )
        if len(window) == WINDOW:
            total -= window[0]
            squares -= window[0] * window[0]
        window.append(amount)
        total += amount
        squares += amount * amount


def alerts(series: Series, detector: Detector[Any], *, episodes: bool = True) -> list[int]:
    """Return the rows that raise an alert; without episodes, all that are flagged."""
    state, current, told = detector.unpack(b""), None, []
    for row, arrival in enumerate(arrivals(series)):
        verdict, state = detector.judge(arrival, state)
        last: Anomaly | None = current if episodes else None
        step = anomalies.step(last, arrival, verdict, None, detector.calm_to_close(state))
        current = step.current
        if step.alert is not None:
            told.append(row)
    return told
