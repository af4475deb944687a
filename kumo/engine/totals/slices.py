"""The totals that a slice changes: folded and added to what the slice commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain.entries import DAY_MS, Series
from kumo.domain.judging import WINDOWED, Arrival, Mark
from kumo.domain.totals.periods import HOUR_MS
from kumo.engine.totals import alerts, calendar, excuses, folding, newcomers, single_entries, subjects
from kumo.engine.totals.episodes import EpisodeTracker
from kumo.engine.totals.folding import Due, FoldedThing
from kumo.engine.totals.hours import DueHours, HourFolding
from kumo.engine.totals.subjects import Subject
from kumo.services import Services
from kumo.store import hours, series, things
from kumo.store.feed import Slice
from kumo.store.hours import HourlyRow
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
    oldest = _find_oldest(arrivals)
    touched = {thing: day_of(timestamp) for thing, timestamp in oldest.items()}
    identities = series.identities(services.store, list(touched))
    judged.totals.progress = calendar.find_progress(arrivals, identities)
    if not now:
        judged.totals.touched = {thing: day for thing, day in touched.items() if _is_judged(identities.get(thing))}
        return 0
    waiting = things.read_unfolded(services.store, partition, MOST_WAITING)
    for thing, day in waiting.items():
        oldest[thing] = min(day * DAY_MS, oldest.get(thing, day * DAY_MS))
    if oldest:
        _Folding(services, partition, oldest, judged).run()
    return len(oldest)


def _find_oldest(arrivals: Sequence[Arrival]) -> dict[str, int]:
    """Return the oldest time that arrivals change, in ms, by thing."""
    oldest: dict[str, int] = {}
    for arrival in arrivals:
        if arrival.mark in _CHANGING:
            oldest[arrival.series_id] = min(arrival.timestamp, oldest.get(arrival.series_id, arrival.timestamp))
    return oldest


@dataclass(frozen=True, slots=True)
class _Folding:
    """Folds things from their oldest changed time on, in ms, and adds what follows from it to the slice."""

    services: Services
    partition: Partition
    oldest: Mapping[str, int]
    judged: Slice

    def run(self) -> None:
        """Fold all."""
        services, partition, judged = self.services, self.partition, self.judged
        days = calendar.read(services, judged.totals.progress)
        dirty = {thing: day_of(timestamp) for thing, timestamp in self.oldest.items()}
        known = subjects.describe(services, partition, dirty, days)
        rows = hours.read_rows(services.store, partition, [thing for thing, each in known.items() if not each.is_group])
        index = things.read_episodes(services.store, partition, list(known))
        due = self._find_due(known, rows, excuses.read(services, partition, index))
        folded = newcomers.mark(services, known, folding.fold_things(services, partition, due))
        folded |= self._fold_hours(HourFolding(services, partition, rows), known, due, folded)
        self._add(folded)
        tracker = EpisodeTracker(services, partition, known, due, index, judged)
        raised = tracker.track(folded)
        running = {thing: subject.first_running for thing, subject in known.items()}
        judged.alerts += alerts.build_alerts(services, raised, running, judged.arrived)
        by_total = {thing: each for thing, each in folded.items() if due[thing].detector.name != WINDOWED}
        single_entries.finish_verdicts(services, by_total, dirty, tracker.ties, judged)
        for anomaly in judged.anomalies.values():
            judged.totals.episodes[anomaly.series_id, anomaly.id] = anomaly.reach

    def _find_due(
        self, known: Mapping[str, Subject], rows: Mapping[str, HourlyRow], excused: Mapping[str, frozenset[int]]
    ) -> dict[str, Due]:
        waiting = single_entries.find_waiting(self.judged)
        return {
            thing: Due(
                dirty=day_of(self.oldest[thing]),
                detector=subject.chosen.detector,
                first_running=subject.first_running,
                excused=excused.get(thing, frozenset()),
                asides=waiting.get(thing, {}),
                may_rest=thing not in rows,
            )
            for thing, subject in known.items()
        }

    def _fold_hours(
        self,
        hour_folding: HourFolding,
        known: Mapping[str, Subject],
        due: Mapping[str, Due],
        folded: Mapping[str, FoldedThing],
    ) -> dict[str, FoldedThing]:
        """Fold the hours of series, and return those whose days have other verdicts by them."""
        wanted = {
            thing: DueHours(dirty=self.oldest[thing] // HOUR_MS, first_running=subject.first_running_hour)
            for thing, subject in known.items()
            if not subject.is_group
        }
        merged = {}
        for thing, found in hour_folding.fold(due, wanted, folded).items():
            self.judged.totals.hourly[thing], self.judged.totals.hours[thing] = found.row, dict(found.judged)
            merged[thing] = hour_folding.merge(thing, folded[thing], found, due[thing].first_running)
        return merged

    def _add(self, folded: Mapping[str, FoldedThing]) -> None:
        """Add the rows and the verdicts on totals to a slice; what is not judged is not left to fold either."""
        totals = self.judged.totals
        totals.left = dict.fromkeys(self.oldest)
        for thing, each in folded.items():
            totals.rows[thing], totals.left[thing] = each.row, each.left
            totals.periods[thing] = each.find_changes()


def _is_judged(identity: Series | None) -> bool:
    return identity is not None and not identity.charge_category
