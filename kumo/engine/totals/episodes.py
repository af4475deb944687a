"""The anomalies of folded totals: which are opened, continued, closed and withdrawn, and the alerts about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kumo.domain.alerts import quiet_before
from kumo.domain.anomalies import Anomaly, AnomalyStatus, find_first_period
from kumo.domain.entries import DAY_MS
from kumo.domain.evidence import Evidence
from kumo.domain.groups import Group
from kumo.domain.offsets import Offset, Rise
from kumo.domain.totals.episodes import Episode
from kumo.domain.totals.folding import Flagged, JudgedPeriod, TotalStatus
from kumo.domain.tracking import Raised, Rules, Tracked, track
from kumo.domain.worth import NotSent
from kumo.engine.totals import offsets, worth
from kumo.engine.totals.folding import Due, FoldedThing
from kumo.engine.totals.subjects import Subject
from kumo.engine.totals.worth import Fleets
from kumo.services import Services
from kumo.store import feed, things
from kumo.store.feed import Slice
from kumo.store.partition import Partition
from kumo.store.series import day_of

_FAR: Final = 2**31


@dataclass(frozen=True, slots=True)
class EpisodeTracker:
    """Tracks the anomalies of the things of one commit; `index` has the stored ones."""

    services: Services
    partition: Partition
    subjects: Mapping[str, Subject]
    due: Mapping[str, Due]
    index: Mapping[str, Mapping[str, int]]
    judged: Slice
    ties: dict[str, Mapping[int, str]] = field(default_factory=dict)

    def track(self, folded: Mapping[str, FoldedThing]) -> list[Raised]:
        """Add the changed anomalies to the slice; return the alerts to build."""
        index, fresh = self.index, self._find_fresh()
        touched = {thing: self._find_touched(thing, each) | fresh.get(thing, set()) for thing, each in folded.items()}
        anomalous = {thing for thing, each in folded.items() if _has_anomaly(each.judged)}
        wanted = {thing: ids for thing, ids in touched.items() if ids or thing in anomalous}
        if not wanted:
            return []
        known = self._read_anomalies([anomaly for thing in wanted for anomaly in index.get(thing, {})])
        fleets = worth.read(self.services)
        raised: list[Raised] = []
        for thing, ids in wanted.items():
            mine = [known[anomaly] for anomaly in index.get(thing, {}) if anomaly in known]
            mine += [self.judged.anomalies[each] for each in fresh.get(thing, ()) if each not in known]
            raised += self._track_thing(thing, folded[thing], ids, mine, fleets)
        return raised

    def _find_fresh(self) -> dict[str, set[str]]:
        """Return the anomalies that the entries of the slice have changed, by series."""
        found: dict[str, set[str]] = {}
        for anomaly in self.judged.anomalies.values():
            found.setdefault(anomaly.series_id, set()).add(anomaly.id)
        return found

    def _find_touched(self, thing: str, folded: FoldedThing) -> set[str]:
        """Return the anomalies that the fold may have changed: those that reach its days, and the calm ones before."""
        index = self.index.get(thing)
        if not index:
            return set()
        first = min((period.number for period in folded.judged), default=_FAR)
        first = min([first, *folded.vanished])
        earlier = [total.day for total in folded.totals if total.day < first]
        since = earlier[-folded.calm] if len(earlier) >= folded.calm else 0
        return {anomaly for anomaly, reach in index.items() if reach >= since}

    def _read_anomalies(self, ids: Sequence[str]) -> dict[str, Anomaly]:
        missing = [anomaly for anomaly in ids if anomaly not in self.judged.anomalies]
        stored = feed.anomalies(self.services.store, self.partition, missing)
        return stored | {each: self.judged.anomalies[each] for each in ids if each in self.judged.anomalies}

    def _track_thing(
        self, thing: str, folded: FoldedThing, touched: set[str], mine: Sequence[Anomaly], fleets: Fleets
    ) -> Sequence[Raised]:
        first = min((_first_day(anomaly) for anomaly in mine if anomaly.id in touched), default=_FAR)
        known = [row for row in mine if row.reach >= first or row.status is AnomalyStatus.OPEN]
        tracked = track(known, self._read_periods(thing, folded, first), self._rules(thing, folded, fleets))
        self._add(thing, folded, tracked)
        return tracked.alerts

    def _read_periods(self, thing: str, folded: FoldedThing, first: int) -> list[JudgedPeriod]:
        """Return the verdicts from a day on: the new ones, and the earlier ones of days that are not judged again."""
        start = min([*(period.number for period in folded.judged), *folded.vanished], default=_FAR)
        stored: Mapping[int, JudgedPeriod] = {}
        if first < start or folded.left is not None:
            found = things.read_periods(self.services.store, [thing], min(first, start), folded.last_day)
            stored = {day: period for day, period in found[thing].items() if day not in folded.vanished}
        periods = {**stored, **{period.number: period for period in folded.judged}}
        return [periods[day] for day in sorted(periods)]

    def _rules(self, thing: str, folded: FoldedThing, fleets: Fleets) -> Rules:
        subject = self.subjects[thing]
        quiet = quiet_before(self.services.clock(), self.services.settings.alert_max_age)
        day = fleets.find_day(subject.identity.currency).day
        spend = next((total.micros for total in folded.totals if total.day == day), 0)
        assessment = Assessment(self.services, subject, fleets, spend)
        return Rules(
            thing_id=thing,
            calm_to_close=folded.calm,
            find_reason=assessment.find_reason,
            is_too_old=lambda number: (number + 1) * DAY_MS <= quiet,
            find_falls=assessment.find_falls,
            group=subject.identity if isinstance(subject.identity, Group) else None,
        )

    def _add(self, thing: str, folded: FoldedThing, tracked: Tracked) -> None:
        judged = self.judged
        for anomaly in tracked.changed:
            judged.anomalies[anomaly.id] = anomaly
            first = find_first_period(anomaly.id)
            if first is not None and first in folded.flagged:
                judged.evidence[anomaly.id] = self._describe_evidence(anomaly, folded.flagged[first])
        if tracked.changed or thing in judged.open:
            judged.open[thing] = tracked.open.id if tracked.open else ""
        self.ties[thing] = tracked.ties

    def _describe_evidence(self, anomaly: Anomaly, flagged: Flagged) -> Evidence:
        """Keep how the total was judged that opened an anomaly."""
        detector, number = self.due[anomaly.series_id].detector, int(anomaly.id.rsplit("-", 1)[1], 16)
        return Evidence(
            arrival=replace(flagged.arrival, seq=number, series_id=anomaly.series_id, entry_seq=number),
            policy=self.subjects[anomaly.series_id].chosen.policy.name,
            detector=detector.name,
            threshold=detector.threshold,
            min_history=detector.min_history,
            state=flagged.state,
            new_above=flagged.new_above,
        )


@dataclass(slots=True)
class Assessment:
    """What decides whether an episode of a thing raises an alert; `spend` is its total on the day of the fleet."""

    services: Services
    subject: Subject
    fleets: Fleets
    spend: int
    _offsets: dict[Episode, Offset | None] = field(default_factory=dict)

    def find_reason(self, episode: Episode) -> NotSent | None:
        """Return why an episode is not worth an alert; None if it is."""
        reason = self._find_own_reason(episode)
        if reason is None:
            offset = self._find_offset(episode)
            return NotSent.OFFSET if offset and offset.silences else None
        return reason

    def find_falls(self, episode: Episode) -> tuple[tuple[str, int], ...]:
        """Return what fell while the series rose, if the rise would raise an alert."""
        offset = None if self._find_own_reason(episode) else self._find_offset(episode)
        return tuple((fall.series_id, fall.micros) for fall in offset.falls) if offset else ()

    def _find_own_reason(self, episode: Episode) -> NotSent | None:
        return self.fleets.find_reason(self.subject.identity.currency, episode, self.spend, self.subject.chosen.policy)

    def _find_offset(self, episode: Episode) -> Offset | None:
        identity = self.subject.identity
        if isinstance(identity, Group):
            return None
        if episode not in self._offsets:
            rise = Rise(first=episode.first, last=episode.last, first_running=self.subject.first_running)
            self._offsets[episode] = offsets.find(self.services, identity, rise, episode.newest)
        return self._offsets[episode]


def _has_anomaly(judged: Sequence[JudgedPeriod]) -> bool:
    return any(period.status is TotalStatus.ANOMALY for period in judged)


def _first_day(anomaly: Anomaly) -> int:
    began = day_of(anomaly.first_seen)
    return began if anomaly.first_period is None else min(began, anomaly.first_period)
