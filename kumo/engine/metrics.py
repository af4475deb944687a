"""How much is recorded, waiting, judged, told and asked: the same whichever process is asked."""

from collections.abc import Mapping

from kumo.domain.feedback import Word
from kumo.engine.deliver import SLACK
from kumo.services import Services
from kumo.store import destinations, feed, feedback, totals, traffic
from kumo.store.destinations import Destination
from kumo.store.totals import Totals
from kumo.store.traffic import RequestCount, Served


def count(services: Services) -> Totals:
    """Count what the store holds."""
    return totals.count(services.store)


def find_oldest_arrival(services: Services) -> float:
    """Return for how many seconds the first arrival has waited to be judged, 0 where none waits."""
    return feed.oldest(services.store)


def find_destination(services: Services) -> Destination:
    """Return how the destination of alerts does."""
    return destinations.find(services.store, SLACK)


def count_feedback(services: Services) -> Mapping[Word, int]:
    """Count the anomalies by what people said of them last."""
    return feedback.counts(services.store)


def count_requests(services: Services) -> dict[Served, RequestCount]:
    """Return the requests that all web processes have answered; raises what the broker raises."""
    return traffic.read(services.jobs.broker)
