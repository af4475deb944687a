"""Storing feedback on anomalies; the detector then scores similar entries lower if there was no cause for alarm."""

from kumo.domain.feedback import Feedback, Word
from kumo.engine.queries import lookup
from kumo.engine.queries.views import AnomalyState
from kumo.errors import ConflictError
from kumo.services import Services
from kumo.store import anomalies, feedback


def give(services: Services, anomaly_id: str, word: Word, comment: str, by: str) -> AnomalyState:
    """Store feedback on an anomaly, replace the earlier one, and notify the judge.

    Raises `NotFoundError`, and `ConflictError` for an anomaly without stored evidence.
    """
    return _say(services, anomaly_id, Feedback(word, comment, by, services.clock()))


def take_back(services: Services, anomaly_id: str) -> AnomalyState:
    """Remove the feedback on an anomaly and notify the judge; without feedback nothing changes.

    Raises the errors of `give`.
    """
    return _say(services, anomaly_id, None)


def _say(services: Services, anomaly_id: str, said: Feedback | None) -> AnomalyState:
    found = lookup.find_anomaly(services, anomaly_id)
    evidence = anomalies.evidence(services.store, found.anomaly.series_id, anomaly_id)
    if evidence is None:
        raise ConflictError(f"The evidence of anomaly {anomaly_id} is no longer stored.")
    if feedback.record(services.store, anomaly_id, said, evidence.arrival):
        services.jobs.judge(services.store.partition(found.anomaly.series_id).number)
    return lookup.find_anomaly(services, anomaly_id)
