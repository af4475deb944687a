"""The life of an anomaly: opened, extended, closed after calm entries, withdrawn by a restatement.

`step` follows the entries of a series. `kumo.domain.tracking` follows the totals of a series or group.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kumo.domain.alerts import AlertKind
from kumo.domain.entries import DAY_MS, entry_id, parse_entry_id
from kumo.domain.extensible import Extensible
from kumo.domain.groups import Group
from kumo.domain.judging import CALM_TO_CLOSE, Arrival, Cause, Status, Verdict
from kumo.domain.worth import NotSent

WORSE_BY: Final = 2
# Ids of entries and of the anomalies that they open count arrivals, which never reach this number. From here on an
# id is that of an anomaly that a total opened: it counts days since 1970.
_FIRST_OF_PERIODS: Final = 2**39
_PERIODS: Final = 2**20


class AnomalyStatus(StrEnum):
    """The status of an anomaly."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly(Extensible):
    """An episode of one series or group. Times are in milliseconds, amounts in micros, periods in days since 1970.

    Its evidence are anomalous entries, anomalous totals of periods, or both. `series_id` is the id of the series or of
    the `group`, which is None for a series.

    `opened_at` is the time of the entry or period that opened it, and never changes. `first_seen` and `last_seen` are
    those of its entries; without entries, of its periods. `entries` counts the entries, with their `total_impact`;
    `calm` counts the calm entries in a row. `periods` counts the anomalous periods, and `excess` is the sum of their
    excesses over the usual. `first_period` and `last_period` stay when no anomalous period is left. `peak_z` is the
    highest z of its entries; without entries, the highest score of its periods.

    `told`: an alert about it was raised, and none withdrew it. `alerts` numbers them; `alerted_impact` and
    `alerted_excess` are the largest that were sent, of an entry and a day, `alerted_period` is the day of the newest,
    `not_sent` says why there was none. It became a part of `part_of`. `offset_by` has falls of other series, by id.
    """

    id: str
    series_id: str
    status: AnomalyStatus
    opened_by: str
    opened_at: int
    first_seen: int
    last_seen: int
    entries: int
    peak_z: float
    total_impact: int
    alerted_impact: int
    cause: Cause
    calm: int = 0
    alerts: int = 1
    told: bool = True
    periods: int = 0
    first_period: int | None = None
    last_period: int | None = None
    excess: int = 0
    alerted_excess: int = 0
    alerted_period: int | None = None
    chance: float | None = None
    not_sent: NotSent | None = None
    part_of: str = ""
    group: Group | None = None
    offset_by: tuple[tuple[str, int], ...] = ()

    @property
    def impact(self) -> int:
        """What it cost beyond the usual, in micros: by its periods, or, without any, by its entries."""
        return self.excess if self.periods else self.total_impact

    @property
    def told_impact(self) -> int:
        """The largest impact that was sent in an alert, in micros."""
        return max(self.alerted_impact, self.alerted_excess)

    @property
    def reach(self) -> int:
        """The last day, since 1970, of its entries and periods, and of the period that it is named after."""
        days = [self.last_seen // DAY_MS, find_first_period(self.id), self.last_period]
        return max(day for day in days if day is not None)


def name_anomaly_of_periods(thing_id: str, first_period: int, turn: int = 0) -> str:
    """Return the id of the anomaly of a series or group that begins with a period; a turn counts those that did."""
    return entry_id(thing_id, _FIRST_OF_PERIODS + turn * _PERIODS + first_period)


def find_first_period(anomaly_id: str) -> int | None:
    """Return the period that an anomaly is named after; None if an entry opened it."""
    found = parse_entry_id(anomaly_id)
    is_of_periods = found is not None and found[1] >= _FIRST_OF_PERIODS
    return (found[1] - _FIRST_OF_PERIODS) % _PERIODS if found and is_of_periods else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier verdict of a restated entry, and the anomaly that it belonged to."""

    verdict: Verdict
    anomaly: Anomaly


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one arrival: the verdict, the series' open anomaly, the anomaly to store, the alert to raise.

    The verdict is None if the entry was removed.
    """

    verdict: Verdict | None
    current: Anomaly | None
    changed: Anomaly | None = None
    alert: AlertKind | None = None


def step(
    current: Anomaly | None,
    arrival: Arrival,
    verdict: Verdict | None,
    earlier: Earlier | None = None,
    calm_to_close: int = CALM_TO_CLOSE,
) -> Step:
    """Fold one judged arrival into the series' open anomaly.

    `current` is the open anomaly of the arrival's series, `earlier` the anomaly that a restated or removed entry
    belonged to, `calm_to_close` the number of calm entries that close an anomaly at the series' cadence. `verdict` is
    None if the entry was removed.
    """
    if earlier is not None:
        return _restate(current, arrival, verdict, earlier)
    if verdict is None:
        return Step(None, current)
    if verdict.status is Status.ANOMALY:
        return _flag(current, arrival, verdict)
    # The periods of an anomaly decide when it ends.
    if current is None or current.periods or arrival.restates:
        return Step(verdict, current)
    return _calm(current, verdict, calm_to_close)


def _flag(current: Anomaly | None, arrival: Arrival, verdict: Verdict) -> Step:
    """Open an anomaly, or extend the open one."""
    if current is None:
        opened = _open(arrival, verdict)
        return Step(_tie(verdict, opened), opened, opened, None if arrival.quiet else AlertKind.OPENED)
    extended, alert = _extend(current, arrival, verdict)
    extended = replace(extended, calm=0)
    return Step(_tie(verdict, extended), extended, extended, alert)


def _calm(current: Anomaly, verdict: Verdict, calm_to_close: int) -> Step:
    """Count a calm entry; enough of them in a row close the anomaly."""
    calm = current.calm + 1
    if calm < calm_to_close:
        counted = replace(current, calm=calm)
        return Step(verdict, counted, counted)
    return Step(verdict, None, replace(current, calm=calm, status=AnomalyStatus.CLOSED))


def _restate(current: Anomaly | None, arrival: Arrival, verdict: Verdict | None, earlier: Earlier) -> Step:
    """Take a restated or removed entry out of its anomaly; add it again if it is still anomalous.

    A withdrawal is sent for entries of any age, if the anomaly was sent.
    """
    anomaly = earlier.anomaly
    was_open = current is not None and current.id == anomaly.id
    rest = replace(
        anomaly, entries=anomaly.entries - 1, total_impact=anomaly.total_impact - (earlier.verdict.impact or 0)
    )
    alert: AlertKind | None = None
    if verdict is not None and verdict.status is Status.ANOMALY:
        rest, alert = _extend(rest, arrival, verdict)
        verdict = _tie(verdict, rest)
    elif rest.entries == 0 and not rest.periods:
        alert = AlertKind.WITHDRAWN if rest.told and not rest.part_of else None
        # Of what is part of another one, the alert is taken back with that one.
        told = rest.told and bool(rest.part_of)
        rest = replace(rest, status=AnomalyStatus.WITHDRAWN, told=told, alerts=rest.alerts + (alert is not None))
    if not was_open:
        return Step(verdict, current, rest, alert)
    return Step(verdict, rest if rest.status is AnomalyStatus.OPEN else None, rest, alert)


def _open(arrival: Arrival, verdict: Verdict) -> Anomaly:
    # Named after the arrival, not the entry: an entry that is restated twice can open two anomalies.
    impact = verdict.impact or 0
    return Anomaly(
        id=entry_id(arrival.series_id, arrival.seq),
        series_id=arrival.series_id,
        status=AnomalyStatus.OPEN,
        opened_by=entry_id(arrival.series_id, arrival.entry_seq),
        opened_at=arrival.timestamp,
        first_seen=arrival.timestamp,
        last_seen=arrival.timestamp,
        entries=1,
        peak_z=verdict.z or 0.0,
        total_impact=impact,
        alerted_impact=0 if arrival.quiet else impact,
        alerted_period=None if arrival.quiet else arrival.timestamp // DAY_MS,
        cause=verdict.cause or Cause.THRESHOLD,
        alerts=0 if arrival.quiet else 1,
        told=not arrival.quiet,
    )


def _extend(anomaly: Anomaly, arrival: Arrival, verdict: Verdict) -> tuple[Anomaly, AlertKind | None]:
    """Add an anomalous entry. Old entries raise no alert; the first other one alerts the team about the anomaly.

    What an anomaly of periods has for `first_seen`, `last_seen` and `peak_z` gives way to the figures of its entries.
    """
    impact = verdict.impact or 0
    alert = None if arrival.quiet or anomaly.part_of else _news(anomaly, impact)
    if not anomaly.entries and anomaly.periods:
        anomaly = replace(anomaly, first_seen=arrival.timestamp, last_seen=arrival.timestamp, peak_z=0.0)
    extended = replace(
        anomaly,
        entries=anomaly.entries + 1,
        total_impact=anomaly.total_impact + impact,
        peak_z=max(anomaly.peak_z, verdict.z or 0.0),
        first_seen=min(anomaly.first_seen, arrival.timestamp),
        last_seen=max(anomaly.last_seen, arrival.timestamp),
        alerted_impact=impact if alert else anomaly.alerted_impact,
        alerted_period=arrival.timestamp // DAY_MS if alert else anomaly.alerted_period,
        alerts=anomaly.alerts + 1 if alert else anomaly.alerts,
        told=anomaly.told or alert is not None,
        not_sent=None if alert else anomaly.not_sent,
    )
    return extended, alert


def _news(anomaly: Anomaly, impact: int) -> AlertKind | None:
    """Return the kind of alert for an impact: a second one only if it is at least twice the largest that was sent."""
    if not anomaly.told:
        return AlertKind.OPENED
    return AlertKind.WORSENED if impact >= WORSE_BY * anomaly.told_impact else None


def _tie(verdict: Verdict, anomaly: Anomaly) -> Verdict:
    return replace(verdict, anomaly=anomaly.id)
