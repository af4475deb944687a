"""Tracking the anomalies of a series or group through the verdicts on its totals: one increase is one anomaly."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple, TypeAlias

from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import WORSE_BY, Anomaly, AnomalyStatus, name_anomaly_of_periods
from kumo.domain.entries import DAY_MS
from kumo.domain.groups import Group
from kumo.domain.matching import NO_EPISODE, find_told_day, is_gone, match_episodes
from kumo.domain.totals.episodes import Episode, find_episodes
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.domain.worth import NotSent

Falls: TypeAlias = tuple[tuple[str, int], ...]


def _find_no_falls(_: Episode) -> Falls:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What decides about the anomalies and alerts of one series or group.

    `calm_to_close` is the number of calm periods that close an anomaly. `find_reason` says why an episode is not worth
    an alert, None if it is; `is_too_old` whether a period is too old for alerts; `find_falls` what offsets an episode.
    `group` is None for a series.
    """

    thing_id: str
    calm_to_close: int
    find_reason: Callable[[Episode], NotSent | None]
    is_too_old: Callable[[int], bool]
    find_falls: Callable[[Episode], Falls] = _find_no_falls
    group: Group | None = None


class Raised(NamedTuple):
    """An alert to raise about an anomaly; the period that it shows, None if that has no entries any more."""

    anomaly: Anomaly
    kind: AlertKind
    period: JudgedPeriod | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """The changed anomalies, the alerts, the anomaly that is open now, and the anomaly of each anomalous period."""

    changed: Sequence[Anomaly]
    alerts: Sequence[Raised]
    open: Anomaly | None
    ties: Mapping[int, str]


def track(known: Sequence[Anomaly], judged: Sequence[JudgedPeriod], rules: Rules) -> Tracked:
    """Update the anomalies of a series or group after some of its totals were judged.

    `known` are all stored anomalies, withdrawn ones too, whose `reach` is not before the first day of the oldest one
    that the change may touch; also the open one. `judged` holds all periods since that day, in order; of one that is
    not judged again yet, the earlier verdict. An anomaly that overlaps an episode is continued by it. Of several,
    the one that began first remains, and the others become a part of it.
    """
    tracking = _Tracking(rules, {period.number: period for period in judged})
    episodes = find_episodes(judged, rules.calm_to_close)
    claims = match_episodes(known, episodes)
    for anomaly in claims.pop(NO_EPISODE, ()):
        tracking.drop(anomaly)
    taken = {anomaly.id for anomaly in known if not is_gone(anomaly)}
    for place, episode in enumerate(episodes):
        tracking.continue_in(episode, claims.get(place) or [_begin(episode, rules, taken)])
    return tracking.finish(known)


def _begin(episode: Episode, rules: Rules, taken: Collection[str]) -> Anomaly:
    """Return a new anomaly, under a name that none has, before it is continued in its episode."""
    names = (name_anomaly_of_periods(rules.thing_id, episode.first, turn) for turn in count())
    name = next(name for name in names if name not in taken)
    start = episode.first * DAY_MS
    return Anomaly(
        id=name,
        series_id=rules.thing_id,
        status=AnomalyStatus.OPEN,
        opened_by=name,
        opened_at=start,
        first_seen=start,
        last_seen=start,
        entries=0,
        peak_z=episode.peak_score,
        total_impact=0,
        alerted_impact=0,
        cause=episode.cause,
        alerts=0,
        told=False,
        group=rules.group,
    )


@dataclass(slots=True)
class _Tracking:
    """The anomalies of one thing while they are updated."""

    rules: Rules
    judged: Mapping[int, JudgedPeriod]
    anomalies: dict[str, Anomaly] = field(default_factory=dict)
    alerts: list[Raised] = field(default_factory=list)
    ties: dict[int, str] = field(default_factory=dict)

    def finish(self, known: Sequence[Anomaly]) -> Tracked:
        """Return the result."""
        before = {anomaly.id: anomaly for anomaly in known}
        changed = [anomaly for anomaly in self.anomalies.values() if anomaly != before.get(anomaly.id)]
        is_open = (anomaly for anomaly in self.anomalies.values() if anomaly.status is AnomalyStatus.OPEN)
        return Tracked(changed, self.alerts, max(is_open, key=lambda each: each.reach, default=None), self.ties)

    def drop(self, anomaly: Anomaly) -> None:
        """Take away the periods of an anomaly. It is withdrawn if no entries are left either."""
        if is_gone(anomaly) or not (anomaly.periods or anomaly.part_of):
            self.anomalies[anomaly.id] = anomaly
            return
        rest = replace(anomaly, periods=0, excess=0, chance=None, part_of="", offset_by=())
        if rest.entries:
            status = AnomalyStatus.CLOSED if anomaly.part_of else anomaly.status
            self.anomalies[rest.id] = replace(rest, status=status)
            return
        rest = replace(rest, status=AnomalyStatus.WITHDRAWN, not_sent=None)
        self.anomalies[rest.id] = self._withdraw_alert(rest)

    def continue_in(self, episode: Episode, claimants: Sequence[Anomaly]) -> None:
        """Let the first claimant have the periods of an episode, and the others be a part of it."""
        first, *others = claimants
        told = [each for each in claimants if each.told and not is_gone(each)]
        is_too_old = self.rules.is_too_old(episode.last)
        anomaly = replace(
            _update(first, episode),
            told=first.told or bool(told),
            offset_by=first.offset_by if is_too_old else self.rules.find_falls(episode),
        )
        # What was not worth an alert when it was young has not become too old for one.
        reason = first.not_sent or NotSent.TOO_OLD if is_too_old else self.rules.find_reason(episode)
        anomaly = self._choose_alert(anomaly, reason, told)
        self.anomalies[anomaly.id] = anomaly
        self.anomalies |= {other.id: other if is_gone(other) else _join(other, anomaly) for other in others}
        self.ties |= dict.fromkeys(filter(self._is_anomalous, range(episode.first, episode.last + 1)), anomaly.id)

    def _is_anomalous(self, number: int) -> bool:
        return number in self.judged and self.judged[number].status is TotalStatus.ANOMALY

    def _choose_alert(self, anomaly: Anomaly, reason: NotSent | None, told: Sequence[Anomaly]) -> Anomaly:
        """Raise an alert if people do not know the anomaly yet, or a period is twice as bad as what they know."""
        if not anomaly.told:
            return replace(anomaly, not_sent=reason) if reason else self._raise(anomaly, AlertKind.OPENED)
        anomaly = replace(anomaly, not_sent=None)
        if reason is NotSent.OFFSET:
            return replace(self._withdraw_alert(anomaly), not_sent=reason)
        if reason is None and self._is_worse(anomaly, told):
            return self._raise(anomaly, AlertKind.WORSENED)
        return self._take_as_known(anomaly, told)

    def _is_worse(self, anomaly: Anomaly, told: Sequence[Anomaly]) -> bool:
        """Return whether a period has at least twice the excess that people know of.

        Of the day of the newest message they know what it came to, so later messages do not depend on how much of it
        had arrived; that day itself is compared with what was sent.
        """
        day, sent = find_told_day(told), max((each.alerted_excess for each in told), default=0)
        known = max([sent, self._find_excess(day), *(each.alerted_impact for each in told)])
        others = (number for number in self._list_anomalous(anomaly) if number != day)
        if known and any(self._find_excess(number) >= WORSE_BY * known for number in others):
            return True
        return 0 < WORSE_BY * sent <= self._find_excess(day)

    def _take_as_known(self, anomaly: Anomaly, told: Sequence[Anomaly]) -> Anomaly:
        """After an alert about an entry, take the excess of its day as known, as it is when it is first anomalous."""
        day = find_told_day(told)
        if anomaly.alerted_excess or day is None or not self._is_anomalous(day):
            return anomaly
        return replace(anomaly, alerted_excess=self._find_excess(day), alerted_period=day)

    def _list_anomalous(self, anomaly: Anomaly) -> list[int]:
        first, last = anomaly.first_period, anomaly.last_period
        return [] if first is None or last is None else list(filter(self._is_anomalous, range(first, last + 1)))

    def _find_excess(self, number: int | None) -> int:
        """Return how much more than usual a period costs, in micros; 0 if it is not known."""
        period = None if number is None else self.judged.get(number)
        return period.excess if period and period.usual is not None else 0

    def _raise(self, anomaly: Anomaly, kind: AlertKind) -> Anomaly:
        raised = replace(
            anomaly,
            alerts=anomaly.alerts + 1,
            told=True,
            alerted_excess=max(map(self._find_excess, self._list_anomalous(anomaly))),
            alerted_period=anomaly.last_period,
            not_sent=None,
        )
        self.alerts.append(Raised(raised, kind, self._find_newest(anomaly)))
        return raised

    def _withdraw_alert(self, anomaly: Anomaly) -> Anomaly:
        """Correct what was sent about an anomaly, unless its newest period is too old for alerts.

        If only a part of it was sent, the correction is about that part.
        """
        last = anomaly.last_seen // DAY_MS if anomaly.last_period is None else anomaly.last_period
        if not anomaly.told or self.rules.is_too_old(last):
            return anomaly
        withdrawn = replace(anomaly, told=False, alerted_impact=0, alerted_excess=0, alerted_period=None)
        if not anomaly.alerts:
            return withdrawn
        withdrawn = replace(withdrawn, alerts=anomaly.alerts + 1)
        self.alerts.append(Raised(withdrawn, AlertKind.WITHDRAWN, self._find_newest(anomaly)))
        return withdrawn

    def _find_newest(self, anomaly: Anomaly) -> JudgedPeriod | None:
        return None if anomaly.last_period is None else self.judged.get(anomaly.last_period)


def _update(anomaly: Anomaly, episode: Episode) -> Anomaly:
    """Give an anomaly the figures of its episode; what its entries say of it remains."""
    if not anomaly.entries:
        anomaly = replace(
            anomaly,
            first_seen=episode.first * DAY_MS,
            last_seen=episode.last * DAY_MS,
            peak_z=episode.peak_score,
            cause=episode.cause,
        )
    return replace(
        anomaly,
        status=AnomalyStatus.CLOSED if episode.closed else AnomalyStatus.OPEN,
        periods=episode.periods,
        first_period=episode.first,
        last_period=episode.last,
        excess=episode.impact,
        chance=episode.chance,
        calm=0,
        part_of="",
    )


def _join(anomaly: Anomaly, first: Anomaly) -> Anomaly:
    """Make an anomaly a part of the one of its episode that began first."""
    rest = replace(anomaly, status=AnomalyStatus.WITHDRAWN, periods=0, excess=0, chance=None, not_sent=None)
    return replace(rest, part_of=first.id, told=anomaly.told and first.told)
