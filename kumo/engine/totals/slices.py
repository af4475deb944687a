"""The totals that a slice changes: folded and added to what the slice commits."""

from collections.abc import Mapping, Sequence
from typing import Final

from kumo.domain.entries import Series
from kumo.domain.judging import WINDOWED, Arrival, Mark
from kumo.engine.totals import alerts, calendar, excuses, folding, newcomers, single_entries, subjects
from kumo.engine.totals.episodes import EpisodeTracker
from kumo.engine.totals.folding import Due, FoldedThing
from kumo.services import Services
from kumo.store import series, things
from kumo.store.feed import Slice
from kumo.store.partition import Partition
from kumo.store.series import day_of

# Things beside those of the slice's own arrivals that one commit folds; the rest waits for the next.
MOST_WAITING: Final = 100
_CHANGING: Final = frozenset(Mark) - {Mark.EXCLUDED, Mark.REMARK}


def fold_totals(
    services: Services, partition: Partition, arrivals: Sequence[Arrival], judged: Slice, *, now: bool
) -> int:
    """Fold the totals that arrivals change, and some that wait, and add the result to a slice; return how many things.

    If not `now`, note only which totals changed: they are folded by a later slice.
    """
    touched = _find_touched(arrivals)
    identities = series.identities(services.store, list(touched))
    judged.totals.progress = calendar.find_progress(arrivals, identities)
    if not now:
        judged.totals.touched = {thing: day for thing, day in touched.items() if _is_judged(identities.get(thing))}
        return 0
    waiting = things.read_unfolded(services.store, partition, MOST_WAITING)
    dirty = touched | {thing: min(day, touched.get(thing, day)) for thing, day in waiting.items()}
    if dirty:
        _fold(services, partition, dirty, judged)
    return len(dirty)


def _fold(services: Services, partition: Partition, dirty: Mapping[str, int], judged: Slice) -> None:
    """Fold things from their oldest changed day on, and add what follows from it to the slice."""
    known = subjects.describe(services, partition, dirty, calendar.read(services, judged.totals.progress))
    waiting = single_entries.find_waiting(judged)
    excused = excuses.read(services, partition, known)
    due = {
        thing: Due(
            dirty=dirty[thing],
            detector=subject.chosen.detector,
            first_running=subject.first_running,
            excused=excused.get(thing, frozenset()),
            asides=waiting.get(thing, {}),
        )
        for thing, subject in known.items()
    }
    folded = newcomers.mark(services, known, folding.fold_things(services, partition, due))
    _add(judged, dirty, folded)
    tracker = EpisodeTracker(services, partition, known, due, judged)
    raised = tracker.track(folded)
    running = {thing: subject.first_running for thing, subject in known.items()}
    judged.alerts += alerts.build_alerts(services, raised, running)
    by_total = {thing: each for thing, each in folded.items() if due[thing].detector.name != WINDOWED}
    single_entries.finish_verdicts(services, by_total, tracker.ties, judged)
    for anomaly in judged.anomalies.values():
        judged.totals.episodes[anomaly.series_id, anomaly.id] = anomaly.reach


def _find_touched(arrivals: Sequence[Arrival]) -> dict[str, int]:
    """Return the oldest day that arrivals change, by thing."""
    touched: dict[str, int] = {}
    for arrival in arrivals:
        if arrival.mark in _CHANGING:
            day = day_of(arrival.timestamp)
            touched[arrival.series_id] = min(day, touched.get(arrival.series_id, day))
    return touched


def _is_judged(identity: Series | None) -> bool:
    return identity is not None and not identity.charge_category


def _add(judged: Slice, dirty: Mapping[str, int], folded: Mapping[str, FoldedThing]) -> None:
    """Add the rows and the verdicts on totals to a slice; what is not judged is not left to fold either."""
    totals = judged.totals
    totals.left = dict.fromkeys(dirty)
    for thing, each in folded.items():
        totals.rows[thing], totals.left[thing] = each.row, each.left
        totals.periods[thing] = {period.number: period for period in each.judged} | dict.fromkeys(each.vanished)
