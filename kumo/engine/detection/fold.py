"""Folding a slice: each arrival is judged with the result of the ones before it, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kumo.domain import anomalies
from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import Anomaly, Earlier, Step
from kumo.domain.detectors import Detector
from kumo.domain.entries import entry_id
from kumo.domain.evidence import Evidence
from kumo.domain.judging import CALM_TO_CLOSE, WINDOWED, Arrival, Mark, Status, Verdict
from kumo.domain.policies import Policy
from kumo.engine import selection
from kumo.engine.detection import alert_content, series_memory
from kumo.engine.detection.series_memory import SeriesMemory
from kumo.engine.selection import Chooser, Chosen
from kumo.engine.totals import single_entries
from kumo.services import Services
from kumo.store import feed
from kumo.store.blocks import Name
from kumo.store.feed import Slice
from kumo.store.partition import Partition

# Other marks change nothing: they exclude an arrival, are a remark, or come from a newer version.
_JUDGED: Final = frozenset(Mark) - {Mark.EXCLUDED, Mark.REMARK}


def fold(services: Services, partition: Partition, arrivals: Sequence[Arrival]) -> Slice:
    """Judge arrivals of a partition in order; return what to commit."""
    chooser = selection.chooser(services, arrivals)
    series_ids = list(dict.fromkeys(arrival.series_id for arrival in arrivals))
    known = series_memory.read(services, partition, chooser.detectors, series_ids)
    folding = _SliceFold(chooser, known, _before(services, partition, arrivals))
    for arrival in arrivals:
        folding.take(arrival)
    folding.judged.arrived = {arrival.series_id: arrival.arrived_at for arrival in arrivals}
    folding.judged.states = known.collect_changes()
    folding.judged.alerts += alert_content.build_alerts(services, folding.raised)
    return folding.judged


Before = tuple[Mapping[Name, Verdict], Mapping[str, Anomaly]]


def _before(services: Services, partition: Partition, arrivals: Sequence[Arrival]) -> Before:
    """Read the earlier verdicts of restated entries, and the anomalies they belonged to."""
    names = [_name(arrival) for arrival in arrivals if arrival.restates]
    verdicts = feed.verdicts(services.store, names)
    ids = [verdict.anomaly for verdict in verdicts.values() if verdict.anomaly]
    return verdicts, feed.anomalies(services.store, partition, ids)


@dataclass(slots=True)
class _SliceFold:
    """One slice during its fold.

    `before` has what restated entries had before the slice. `raised` has arrival and step of each alert to build.
    """

    chooser: Chooser
    memory: SeriesMemory
    before: Before
    judged: Slice = field(default_factory=Slice)
    raised: list[tuple[Arrival, Step, AlertKind]] = field(default_factory=list)

    def take(self, arrival: Arrival) -> None:
        """Fold one arrival."""
        if arrival.mark not in _JUDGED or _is_about_total(arrival):
            return
        chosen = self.chooser.choose(arrival)
        if arrival.single and chosen.detector.name != WINDOWED:
            # The series begins anew once it has several entries a day: those in between are not learned here.
            self.memory.forget(chosen.detector, arrival.series_id)
            blank = chosen.detector.unpack(b"")
            self._step(arrival, chosen, blank, blank, single_entries.begin_verdict(arrival, chosen.detector))
            return
        state = self.memory.state(chosen.detector, arrival)
        if arrival.mark in {Mark.FEEDBACK, Mark.TAKEN_BACK}:
            said = chosen.detector.forgive if arrival.mark is Mark.FEEDBACK else chosen.detector.take_back
            self.memory.learn(chosen.detector, arrival.series_id, said(arrival, state))
            return
        verdict, after = self._judge(arrival, chosen.detector, state)
        self.memory.learn(chosen.detector, arrival.series_id, after)
        self._step(arrival, chosen, state, after, verdict)

    def _judge(self, arrival: Arrival, detector: Detector[Any], state: Any) -> tuple[Verdict | None, Any]:  # noqa: ANN401 - known to its detector alone
        """Judge an arrival; a removed entry has no verdict, and a series without entries no state."""
        if arrival.mark is Mark.REMOVED:
            return None, state if arrival.baseline.n else detector.unpack(b"")
        return detector.judge(arrival, state)

    def _step(self, arrival: Arrival, chosen: Chosen, state: Any, after: Any, verdict: Verdict | None) -> None:  # noqa: ANN401 - as above
        """Open, extend or close the series' anomaly with the verdict."""
        current = self.memory.open.get(arrival.series_id)
        calm = chosen.detector.calm_to_close(after) if current is not None else CALM_TO_CLOSE
        earlier = self._earlier(arrival) if arrival.restates else None
        if (
            verdict is not None
            and verdict.status is Status.ANOMALY
            and not _is_worth_alert(chosen.policy, current, verdict)
        ):
            arrival = replace(arrival, mark=Mark.QUIET)
        step = anomalies.step(current, arrival, verdict, earlier, calm)
        self.judged.verdicts[_name(arrival)] = step.verdict
        self.judged.times[_name(arrival)] = arrival.timestamp
        if step.changed is not None:
            self.judged.anomalies[step.changed.id] = step.changed
            if step.changed.id == entry_id(arrival.series_id, arrival.seq):
                self.judged.evidence[step.changed.id] = _evidence(arrival, chosen, state)
        if step.current is not current:
            self._set_open(arrival.series_id, step.current)
        if step.alert is not None:
            self.raised.append((arrival, step, step.alert))

    def _set_open(self, series_id: str, current: Anomaly | None) -> None:
        self.judged.open[series_id] = current.id if current else ""
        if current is None:
            self.memory.open.pop(series_id, None)
        else:
            self.memory.open[series_id] = current

    def _earlier(self, arrival: Arrival) -> Earlier | None:
        """Return the earlier anomaly of a restated entry, from this slice or from the store."""
        verdict = self._verdict_before(arrival)
        # The anomaly of a total does not count the entry that the total consists of.
        if verdict is None or verdict.anomaly is None or verdict.of_total:
            return None
        anomaly = self.judged.anomalies.get(verdict.anomaly) or self.before[1].get(verdict.anomaly)
        return Earlier(verdict, anomaly) if anomaly else None

    def _verdict_before(self, arrival: Arrival) -> Verdict | None:
        """Return the earlier verdict of a restated entry, from this slice or from the store."""
        name = _name(arrival)
        return self.judged.verdicts[name] if name in self.judged.verdicts else self.before[0].get(name)


def _is_about_total(arrival: Arrival) -> bool:
    """Return whether an arrival is feedback on an anomaly of totals: these are folded again instead."""
    said = arrival.mark in {Mark.FEEDBACK, Mark.TAKEN_BACK}
    return said and anomalies.find_first_period(entry_id(arrival.series_id, arrival.entry_seq)) is not None


def _name(arrival: Arrival) -> Name:
    return arrival.series_id, arrival.entry_seq


def _is_worth_alert(policy: Policy, current: Anomaly | None, verdict: Verdict) -> bool:
    """Return whether an anomaly is worth an alert, with its whole impact so far."""
    return policy.is_worth_alert(verdict, (current.total_impact if current else 0) + (verdict.impact or 0))


def _evidence(arrival: Arrival, chosen: Chosen, state: Any) -> Evidence:  # noqa: ANN401 - as above
    detector = chosen.detector
    return Evidence(
        arrival=arrival,
        policy=chosen.policy.name,
        detector=detector.name,
        threshold=detector.threshold,
        min_history=detector.min_history,
        state=detector.pack(state),
    )
