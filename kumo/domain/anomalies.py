"""The life of an anomaly: opened, extended, closed after calm entries, withdrawn by a restatement."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kumo.domain.alerts import AlertKind
from kumo.domain.entries import entry_id
from kumo.domain.extensible import Extensible
from kumo.domain.judging import CALM_TO_CLOSE, Arrival, Cause, Status, Verdict

WORSE_BY: Final = 2


class AnomalyStatus(StrEnum):
    """The status of an anomaly."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly(Extensible):
    """An episode of one series. Times are in milliseconds, impacts in micros.

    `opened_at` is the time of the entry that opened it, and never changes; late entries may move `first_seen`.
    `peak_z` is the highest z of its entries; `alerted_impact` the largest impact of one entry that was sent in an
    alert; `calm` counts the calm entries in a row; `alerts` numbers the raised alerts: 0 while all its entries are too
    old for alerts.
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
    if current is None or arrival.restates:
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
        anomaly,
        entries=anomaly.entries - 1,
        total_impact=anomaly.total_impact - (earlier.verdict.impact or 0),
    )
    alert: AlertKind | None = None
    if verdict is not None and verdict.status is Status.ANOMALY:
        rest, alert = _extend(rest, arrival, verdict)
        verdict = _tie(verdict, rest)
    elif rest.entries == 0:
        alert = AlertKind.WITHDRAWN if rest.alerts else None
        rest = replace(rest, status=AnomalyStatus.WITHDRAWN, alerts=rest.alerts + (alert is not None))
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
        cause=verdict.cause or Cause.THRESHOLD,
        alerts=0 if arrival.quiet else 1,
    )


def _extend(anomaly: Anomaly, arrival: Arrival, verdict: Verdict) -> tuple[Anomaly, AlertKind | None]:
    """Add an anomalous entry. Old entries raise no alert; the first other one alerts the team about the anomaly."""
    impact = verdict.impact or 0
    alert = None if arrival.quiet else _news(anomaly, impact)
    extended = replace(
        anomaly,
        entries=anomaly.entries + 1,
        total_impact=anomaly.total_impact + impact,
        peak_z=max(anomaly.peak_z, verdict.z or 0.0),
        first_seen=min(anomaly.first_seen, arrival.timestamp),
        last_seen=max(anomaly.last_seen, arrival.timestamp),
        alerted_impact=impact if alert else anomaly.alerted_impact,
        alerts=anomaly.alerts + 1 if alert else anomaly.alerts,
    )
    return extended, alert


def _news(anomaly: Anomaly, impact: int) -> AlertKind | None:
    """Return the kind of alert for an impact: a second one only if it is at least twice the largest that was sent."""
    if not anomaly.alerts:
        return AlertKind.OPENED
    return AlertKind.WORSENED if impact >= WORSE_BY * anomaly.alerted_impact else None


def _tie(verdict: Verdict, anomaly: Anomaly) -> Verdict:
    return replace(verdict, anomaly=anomaly.id)
