"""Alerts as a slice raises them: the figures of the entry, what it is of, and what drove it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kumo.domain.alerts import Alert, Kind
from kumo.domain.anomalies import Step
from kumo.domain.entries import Series, entry_id
from kumo.domain.judging import Record, Verdict
from kumo.services import Services
from kumo.store import entries, series

DRIVERS: Final = 3


def alerts(services: Services, raised: Sequence[tuple[Record, Step, Kind]]) -> list[Alert]:
    """Put together the alerts that steps raise."""
    known = series.identities(services.store, [record.series_id for record, _, _ in raised])
    drove = entries.contributors(services.store, [(record.series_id, record.entry_seq) for record, _, _ in raised])
    return [
        replace(_alert(known[record.series_id], record, step, kind), contributors=names[:DRIVERS])
        for (record, step, kind), names in zip(raised, drove, strict=True)
    ]


def _alert(identity: Series, record: Record, step: Step, kind: Kind) -> Alert:
    anomaly = step.changed
    number = anomaly.alerts if anomaly else 1
    alert = Alert(
        id=f"{anomaly.id if anomaly else ''}-{number}",
        kind=kind,
        anomaly=anomaly.id if anomaly else "",
        entry=entry_id(record.series_id, record.entry_seq),
        service=identity.service,
        provider=identity.provider,
        account=identity.account,
        region=identity.region,
        currency=identity.currency,
        timestamp=record.timestamp,
        arrived_at=record.arrived_at,
        mean=record.baseline.mean,
        n=record.baseline.n,
    )
    return _add_verdict(alert, step.verdict) if step.verdict else alert


def _add_verdict(alert: Alert, verdict: Verdict) -> Alert:
    """Add the figures of a verdict; an entry that was removed has none, and costs nothing any more."""
    return replace(
        alert,
        amount=verdict.amount,
        mean=verdict.mean or 0.0,
        stddev=verdict.stddev or 0.0,
        z=verdict.z or 0.0,
        score=verdict.score,
        detector=verdict.detector,
        impact=verdict.impact or 0,
    )
