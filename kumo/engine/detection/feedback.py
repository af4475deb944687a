"""A person's word on an anomaly is kept, and makes the next like it calmer where there was no cause for alarm."""

from kumo.domain.feedback import Feedback, Word
from kumo.engine.queries import lookup
from kumo.engine.queries.views import AnomalyState
from kumo.errors import ConflictError
from kumo.services import Services
from kumo.store import anomalies, feedback


def give(services: Services, anomaly_id: str, word: Word, comment: str, by: str) -> AnomalyState:
    """Keep what a person says of an anomaly, in place of what was said before, and let the judge know.

    Raises `NotFoundError`, and `ConflictError` for an anomaly of a time when its evidence was not kept.
    """
    return _say(services, anomaly_id, Feedback(word, comment, by, services.clock()))


def take_back(services: Services, anomaly_id: str) -> AnomalyState:
    """Forget what a person said of an anomaly, and let the judge know; changes nothing where nobody said anything.

    Raises what `give` raises.
    """
    return _say(services, anomaly_id, None)


def _say(services: Services, anomaly_id: str, said: Feedback | None) -> AnomalyState:
    found = lookup.anomaly(services, anomaly_id)
    evidence = anomalies.evidence(services.store, found.anomaly.series_id, anomaly_id)
    if evidence is None:
        raise ConflictError(f"What anomaly {anomaly_id} was opened on is not known any more.")
    if feedback.say(services.store, anomaly_id, said, evidence.arrival):
        services.jobs.judge(services.store.partition(found.anomaly.series_id).number)
    return lookup.anomaly(services, anomaly_id)
