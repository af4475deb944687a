"""Entries that are the only one of their day, in series with one entry a day: entry and total are the same thing.

Such an entry takes its status from the total of its day. It waits for the fold of that total with a verdict that is
pending. The plain rule `zscore` judges each entry by itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from kumo.domain.detectors import Detector, build
from kumo.domain.judging import WINDOWED, Arrival, Status, Verdict
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.engine.totals.folding import FoldedThing
from kumo.services import Services
from kumo.store import feed, timeline
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
    dirty: Mapping[str, int],
    ties: Mapping[str, Mapping[int, str]],
    judged: Slice,
) -> None:
    """Give the only entry of each folded day the status of the total, if it is judged by that.

    If a second entry has arrived meanwhile, it gets the status that the total would have with the first alone. `ties`
    has the anomalies of anomalous days, by series, `dirty` the day from which each had to be folded.
    """
    changed = judged.totals.periods
    days = {series: _find_days(each, dirty[series], changed[series]) for series, each in folded.items()}
    found = _find_entries(services, folded, days, judged)
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


def _find_days(thing: FoldedThing, dirty: int, changed: Collection[int]) -> set[int]:
    """Return the judged days whose entries may have another verdict now.

    A day that was only folded again on the way to the changed one, with the same result, is none, unless it belongs to
    an anomaly, which may be another one now.
    """
    return {
        each.number
        for each in thing.judged
        if each.number >= dirty or each.status is TotalStatus.ANOMALY or each.number in changed
    }


def _find_entries(
    services: Services, folded: Mapping[str, FoldedThing], days: Mapping[str, set[int]], judged: Slice
) -> dict[str, dict[Name, int]]:
    """Return the entries that may wait for some judged days of series, with their times, by series.

    These are the entries of the slice, and those of days with one entry.
    """
    found: dict[str, dict[Name, int]] = {series: {} for series in folded}
    for name, time in judged.times.items():
        if name[0] in found and day_of(time) in days[name[0]]:
            found[name[0]][name] = time
    missing = []
    for series, thing in folded.items():
        alone = {total.day for total in thing.totals if total.entries == 1 and total.day in days[series]}
        missing += [(series, day) for day in alone - {day_of(time) for time in found[series].values()}]
    for (series, _), places in timeline.read_days(services.store, missing, 1).items():
        found[series] |= {(series, place.seq): place.timestamp for place in places}
    return found
