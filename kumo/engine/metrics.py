"""How much is recorded, waiting, judged and told: figures of the store, the same whichever process is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from kumo.domain.feedback import Word
from kumo.engine.deliver import SLACK
from kumo.services import Services
from kumo.store import destinations, feedback, totals
from kumo.store.destinations import Destination
from kumo.store.totals import Totals


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the store holds, how the destination of alerts does, and what people said of anomalies."""

    totals: Totals
    slack: Destination
    feedback: Mapping[Word, int]


def measure(services: Services) -> Metrics:
    """Return the figures as they stand."""
    return Metrics(
        totals.count(services.store), destinations.find(services.store, SLACK), feedback.counts(services.store)
    )
