"""The alerts of a slice: the figures of each entry, its series, and its largest contributors."""

from collections.abc import Sequence
from typing import Final

from kumo.domain.alerts import Alert, AlertKind, Delivery, SpendChange
from kumo.domain.anomalies import Step
from kumo.domain.entries import Series, entry_id
from kumo.domain.judging import Arrival
from kumo.services import Services
from kumo.store import entries, series

DRIVERS: Final = 3


def build_alerts(services: Services, raised: Sequence[tuple[Arrival, Step, AlertKind]]) -> list[Alert]:
    """Build the alerts that steps raise."""
    known = series.identities(services.store, [arrival.series_id for arrival, _, _ in raised])
    drove = entries.contributors(services.store, [(arrival.series_id, arrival.entry_seq) for arrival, _, _ in raised])
    delivery = Delivery(services.channels.default)
    return [
        Alert(_name(step), kind, _build_content(known[arrival.series_id], arrival, step, names[:DRIVERS]), 0, delivery)
        for (arrival, step, kind), names in zip(raised, drove, strict=True)
    ]


def _name(step: Step) -> str:
    """Return the id of the alert that a step raises: its anomaly, and the number of the alert."""
    anomaly = step.changed
    return f"{anomaly.id}-{anomaly.alerts}" if anomaly else "-1"


def _build_content(
    identity: Series, arrival: Arrival, step: Step, contributors: tuple[tuple[str, int], ...]
) -> SpendChange:
    """Collect the figures of an entry. A removed entry has no verdict and costs nothing."""
    verdict = step.verdict
    return SpendChange(
        anomaly=step.changed.id if step.changed else "",
        entry=entry_id(arrival.series_id, arrival.entry_seq),
        series=identity,
        timestamp=arrival.timestamp,
        arrived_at=arrival.arrived_at,
        amount=verdict.amount if verdict else 0,
        mean=(verdict.mean or 0.0) if verdict else arrival.baseline.mean,
        stddev=(verdict.stddev or 0.0) if verdict else 0.0,
        z=(verdict.z or 0.0) if verdict else 0.0,
        score=verdict.score if verdict else None,
        detector=verdict.detector if verdict else "",
        cause=verdict.cause if verdict else None,
        n=arrival.baseline.n,
        impact=(verdict.impact or 0) if verdict else 0,
        contributors=contributors,
    )
