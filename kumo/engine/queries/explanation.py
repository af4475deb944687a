"""Explaining an anomaly: its verdict, computed again from its evidence."""

from dataclasses import dataclass

from kumo.domain import detectors, explaining
from kumo.domain.evidence import Evidence
from kumo.domain.explaining import Explained
from kumo.engine.queries import lookup
from kumo.engine.queries.views import AnomalyState
from kumo.errors import ConflictError, NotFoundError
from kumo.services import Services
from kumo.store import anomalies, entries


@dataclass(frozen=True, slots=True)
class ExplainedAnomaly:
    """An anomaly, its evidence, its contributors (names with micros), and the verdict with its parts."""

    state: AnomalyState
    evidence: Evidence
    drivers: tuple[tuple[str, int], ...]
    explained: Explained


def explain(services: Services, anomaly_id: str) -> ExplainedAnomaly:
    """Explain why an anomaly was opened; raise `NotFoundError`, `ConflictError`."""
    state = lookup.find_anomaly(services, anomaly_id)
    series_id = state.anomaly.series_id
    evidence = anomalies.evidence(services.store, series_id, anomaly_id)
    if evidence is None:
        raise NotFoundError(f"The evidence of anomaly {anomaly_id} is no longer stored.")
    if evidence.detector not in detectors.DETECTORS:
        raise ConflictError(
            f"Anomaly {anomaly_id} was judged by {evidence.detector!r:.80}, which only a newer version of Kumo knows."
        )
    [drivers] = entries.contributors(services.store, [(series_id, evidence.arrival.entry_seq)])
    return ExplainedAnomaly(state, evidence, drivers, explaining.explain(evidence, state.subject.currency, drivers))
