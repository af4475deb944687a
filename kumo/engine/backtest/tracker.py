"""The anomalies of all series and groups in a replay, and the messages about them."""

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from kumo.domain import anomalies
from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import WORSE_BY, Anomaly, AnomalyStatus, Earlier, Step
from kumo.domain.detectors import Detector
from kumo.domain.entries import DAY_MS
from kumo.domain.findings import find_falls
from kumo.domain.first_spend import FirstSpend
from kumo.domain.judging import CALM_TO_CLOSE, Arrival, Mark, Status, Verdict
from kumo.domain.ledger import Ledger
from kumo.domain.policies import SETTINGS
from kumo.domain.thing import Thing
from kumo.domain.totals.episodes import Episode
from kumo.domain.totals.folding import TotalStatus
from kumo.domain.tracking import Rules, track
from kumo.domain.worth import NotSent
from kumo.engine.totals.worth import Fleets


class Message(NamedTuple):
    """A message that would be sent about a day of a series or group, by its id."""

    thing_id: str
    kind: AlertKind
    day: int


@dataclass(slots=True)
class Tracker:
    """Follows the anomalies of each series and group; `messages` are those that are not taken yet."""

    ledger: Ledger
    detector: Detector[Any]
    fleets: Fleets
    messages: list[Message] = field(default_factory=list)
    opened: int = 0
    _known: dict[str, dict[str, Anomaly]] = field(default_factory=dict)
    _open: dict[str, Anomaly] = field(default_factory=dict)
    _first_spend: dict[tuple[str, int], int] = field(default_factory=dict)

    def follow_entry(self, arrival: Arrival, verdict: Verdict, earlier: Verdict | None, state: Any) -> Verdict:  # noqa: ANN401 - known to its detector alone
        """Follow the anomaly of a series through the verdict on an entry; return it with the anomaly's id."""
        name, current = arrival.series_id, self._open.get(arrival.series_id)
        if verdict.status is Status.ANOMALY and self._find_reason_of_entry(arrival, verdict, current, state):
            arrival = replace(arrival, mark=Mark.QUIET)
        belonged = self._known.get(name, {}).get(earlier.anomaly or "") if earlier else None
        before = Earlier(earlier, belonged) if earlier and belonged else None
        calm = self.detector.calm_to_close(state) if current is not None else CALM_TO_CLOSE
        step = anomalies.step(current, arrival, verdict, before, calm)
        self._keep(name, step)
        if step.alert in {AlertKind.OPENED, AlertKind.WORSENED}:
            self.messages.append(Message(name, step.alert, arrival.timestamp // DAY_MS))
        return step.verdict or verdict

    def follow_totals(self, name: str, changed: int) -> None:
        """Follow the anomalies of a thing through the verdicts on its totals, from the first changed day on."""
        thing = self.ledger.things[name]
        known, begin = self._select(name, thing, changed)
        judged = [thing.judged[day] for day in thing.days[bisect_left(thing.days, begin) :]]
        if not known and all(period.status is not TotalStatus.ANOMALY for period in judged):
            return
        tracked = track(known, judged, self._rule(name, thing))
        for anomaly in tracked.changed:
            self._store(name, anomaly)
        if tracked.open:
            self._open[name] = tracked.open
        else:
            self._open.pop(name, None)
        for raised in tracked.alerts:
            if raised.kind is not AlertKind.WITHDRAWN:
                self.messages.append(Message(name, raised.kind, raised.period.number if raised.period else changed))

    def report_first_spend(self, found: FirstSpend, currency: str, day: int) -> None:
        """Raise an alert about something new, and another if it comes to twice what was sent."""
        name = found.newcomers[0].id
        told = self._first_spend.get((name, day))
        if (told is not None and found.micros < WORSE_BY * told) or (told is None and name in self._open):
            return
        episode = Episode(first=day, last=day, periods=1, impact=found.micros, peak=found.micros, chance=None)
        if self.fleets.find_reason(currency, episode, 0, SETTINGS) is None:
            self.opened += told is None
            self._first_spend[name, day] = found.micros
            kind = AlertKind.OPENED if told is None else AlertKind.WORSENED
            self.messages += [Message(newcomer.id, kind, day) for newcomer in found.newcomers]

    def _keep(self, name: str, step: Step) -> None:
        if step.changed:
            self._store(name, step.changed)
        if step.current:
            self._open[name] = step.current
        else:
            self._open.pop(name, None)

    def _store(self, name: str, anomaly: Anomaly) -> None:
        known = self._known.setdefault(name, {})
        self.opened += anomaly.id not in known
        known[anomaly.id] = anomaly

    def _select(self, name: str, thing: Thing, changed: int) -> tuple[list[Anomaly], int]:
        """Return the anomalies that a change may touch, and the first day of the oldest of them."""
        known = self._known.get(name)
        if not known:
            return [], changed
        place = bisect_left(thing.days, changed)
        begin = thing.days[max(place - self._count_calm(thing), 0)] if place else changed
        touched, before = list[Anomaly](), -1
        while before != len(touched):
            before = len(touched)
            touched = [each for each in known.values() if each.status is AnomalyStatus.OPEN or each.reach >= begin]
            begin = min([begin, *map(_find_first_day, touched)])
        return touched, min(begin, changed)

    def _rule(self, name: str, thing: Thing) -> Rules:
        return Rules(
            thing_id=name,
            calm_to_close=self._count_calm(thing),
            find_reason=lambda episode: self._find_reason(name, thing, episode),
            is_too_old=lambda _: False,
        )

    def _count_calm(self, thing: Thing) -> int:
        return self.detector.calm_to_close(self.detector.unpack(thing.chain.state))

    def _find_reason(self, name: str, thing: Thing, episode: Episode) -> NotSent | None:
        currency = thing.subject.currency
        day = self.fleets.find_day(currency)
        spend = thing.read_total(day.day) if day.complete_days else None
        reason = self.fleets.find_reason(currency, episode, spend or 0, SETTINGS)
        period = thing.judged.get(episode.last)
        if reason or period is None:
            return reason
        rise = period.micros - (period.usual or 0)
        offset = find_falls(self.ledger, name, first=episode.first, last=episode.last, rise=rise)
        return NotSent.OFFSET if offset and offset.silences else None

    def _find_reason_of_entry(
        self,
        arrival: Arrival,
        verdict: Verdict,
        current: Anomaly | None,
        state: Any,  # noqa: ANN401 - as above
    ) -> NotSent | None:
        thing = self.ledger.things[arrival.series_id]
        day, impact = arrival.timestamp // DAY_MS, verdict.impact or 0
        whole = impact + (current.total_impact if current else 0)
        chance = self.detector.chance(arrival, state)
        episode = Episode(first=day, last=day, periods=1, impact=whole, peak=impact, chance=chance)
        known = self.fleets.find_day(thing.subject.currency)
        spend = thing.read_total(known.day) if known.complete_days else None
        return self.fleets.find_reason(thing.subject.currency, episode, spend or 0, SETTINGS)


def _find_first_day(anomaly: Anomaly) -> int:
    days = [anomaly.first_seen // DAY_MS]
    return min([*days, anomaly.first_period] if anomaly.first_period is not None else days)
