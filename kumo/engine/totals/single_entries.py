"""Entries that are the only one of their day, in series with one entry a day: entry and total are the same thing.

Such an entry takes its status from the total of its day. It waits for the fold of that total with a verdict that is
pending. The plain rule `zscore` judges each entry by itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from kumo.domain.detectors import Detector, build
from kumo.domain.entries import DAY_MS
from kumo.domain.judging import WINDOWED, Arrival, Status, Verdict
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.engine.totals.folding import FoldedThing
from kumo.services import Services
from kumo.store import entries, feed
from kumo.store.blocks import Name
from kumo.store.feed import Slice
from kumo.store.series import day_of

_STATUS: Final = {
    TotalStatus.LEARNING: Status.LEARNING,
    TotalStatus.RUNNING: Status.NORMAL,
    TotalStatus.NORMAL: Status.NORMAL,
    TotalStatus.ANOMALY: Status.ANOMALY,
}


def begin_verdict(arrival: Arrival, detector: Detector[Any]) -> Verdict:
    """Return the pending verdict of an entry that waits for the total of its day, with the figures of the window."""
    plain, _ = build(WINDOWED, detector.threshold, detector.min_history).judge(arrival, None)
    return replace(
        plain, status=Status.PENDING, score=None, cause=None, anomaly=None, detector=detector.name, of_total=True
    )


def find_waiting(judged: Slice) -> dict[str, dict[int, int]]:
    """Return the amounts of the entries that wait in a slice, in micros, by series and day."""
    found: dict[str, dict[int, int]] = {}
    for name, verdict in judged.verdicts.items():
        if verdict and verdict.status is Status.PENDING:
            found.setdefault(name[0], {})[day_of(judged.times[name])] = verdict.amount
    return found


def finish_verdicts(
    services: Services,
    folded: Mapping[str, FoldedThing],
    ties: Mapping[str, Mapping[int, str]],
    judged: Slice,
) -> None:
    """Give the only entry of each folded day the status of the total, if it is judged by that.

    If a second entry has arrived meanwhile, it gets the status that the total would have with the first alone. `ties`
    has the anomalies of anomalous days, by series.
    """
    found = {series: _find_entries(services, series, each, judged) for series, each in folded.items()}
    names = [name for rows in found.values() for name in rows if name not in judged.verdicts]
    known = feed.verdicts(services.store, names)
    for series, rows in found.items():
        periods = {period.number: period for period in folded[series].judged}
        for name, timestamp in rows.items():
            before, day = judged.verdicts.get(name) or known.get(name), day_of(timestamp)
            if before is None or not before.of_total:
                continue
            period = folded[series].asides.get(day, periods[day]) if before.status is Status.PENDING else periods[day]
            after = finish_verdict(before, period, ties.get(series, {}).get(day))
            if after != before:
                judged.verdicts[name], judged.times[name] = after, timestamp


def finish_verdict(before: Verdict, period: JudgedPeriod, anomaly: str | None) -> Verdict:
    """Return the verdict of the only entry of a day whose total is judged."""
    status = _STATUS[period.status]
    if status is Status.NORMAL and period.usual is None:
        status = Status.LEARNING
    return replace(
        before,
        status=status,
        score=period.score,
        threshold=period.threshold,
        detector=period.detector,
        cause=period.cause,
        anomaly=anomaly if status is Status.ANOMALY else None,
        of_total=True,
    )


def _find_entries(services: Services, series: str, thing: FoldedThing, judged: Slice) -> dict[Name, int]:
    """Return the entries that may wait for the judged days of a series, with their times.

    These are the entries of the slice, and those of days with one entry.
    """
    days = {period.number for period in thing.judged}
    waiting = {name: time for name, time in judged.times.items() if name[0] == series and day_of(time) in days}
    alone = {total.day for total in thing.totals if total.entries == 1 and total.day in days}
    missing = alone - {day_of(time) for time in waiting.values()}
    if not missing:
        return waiting
    low, high = min(missing) * DAY_MS, (max(missing) + 1) * DAY_MS - 1
    most = sum(total.entries for total in thing.totals if low <= total.day * DAY_MS <= high)
    places = entries.within(services.store, [series], low, high, most)
    return {(series, place.seq): place.timestamp for place in places if day_of(place.timestamp) in missing} | waiting
