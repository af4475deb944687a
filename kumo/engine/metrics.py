"""How much is recorded, waiting, judged and told: figures of the store, the same whichever process is asked."""

from dataclasses import dataclass

from kumo.engine.deliver import SLACK
from kumo.services import Services
from kumo.store import destinations, totals
from kumo.store.destinations import Destination
from kumo.store.totals import Totals


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the store holds, and how the destination of alerts does."""

    totals: Totals
    slack: Destination


def measure(services: Services) -> Metrics:
    """Return the figures as they stand."""
    return Metrics(totals.count(services.store), destinations.find(services.store, SLACK))
