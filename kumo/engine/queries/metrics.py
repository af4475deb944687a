"""Numbers of recorded, pending, judged and sent items and of requests; every process returns the same."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kumo.domain.alerts import AlertStatus
from kumo.domain.feedback import Word
from kumo.domain.imports import ImportStatus
from kumo.domain.measures import DeliveryTimes, RequestCount, Served, StatusCount, Totals
from kumo.services import Services
from kumo.store import delivery_times, destinations, feed, feedback, imports, outbox, totals, traffic, uploads


def count(services: Services) -> Totals:
    """Count what the store holds."""
    return totals.count(services.store)


def find_oldest_arrival(services: Services) -> float:
    """Return the waiting time of the oldest pending arrival in seconds, 0 if none waits."""
    return feed.longest_wait(services.store)


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """Uploads whose import has not ended: by status, bytes, age of the oldest in seconds; and ended imports."""

    waiting: Mapping[ImportStatus, int]
    size: int
    oldest: float
    ended: Mapping[ImportStatus, int]


def count_imports(services: Services) -> ImportFigures:
    """Count uploads that wait or are being imported, and ended imports by status."""
    rows = uploads.waiting(services.store)
    oldest = min((row.received_at for row in rows), default=None)
    return ImportFigures(
        waiting=Counter(imports.find_statuses(services.store, [row.number for row in rows])),
        size=sum(row.size for row in rows),
        oldest=0.0 if oldest is None else max(0, services.clock() - oldest) / 1000,
        ended=imports.count_ended(services.store),
    )


def count_alerts(services: Services) -> dict[AlertStatus, StatusCount]:
    """Count the alerts by status, with the age of the oldest in each."""
    return outbox.count(services.store)


def find_delivery_times(services: Services) -> DeliveryTimes:
    """Return the times from the arrival of costs until their alerts were sent."""
    return delivery_times.read(services.store)


@dataclass(frozen=True, slots=True)
class MessageFigures:
    """How many messages were sent, how many alerts may have come again, and whether all destinations are on."""

    messages: int
    repeats: int
    on: bool


def count_messages(services: Services) -> MessageFigures:
    """Count the messages of all destinations."""
    names = services.channels.by_destination or [services.channels.default]
    found = [destinations.find(services.store, name) for name in names]
    return MessageFigures(
        messages=sum(destination.messages for destination in found),
        repeats=sum(destination.repeats for destination in found),
        on=all(destination.state == "on" for destination in found),
    )


def count_feedback(services: Services) -> Mapping[Word, int]:
    """Count the anomalies by their last feedback."""
    return feedback.counts(services.store)


def count_requests(services: Services) -> dict[Served, RequestCount]:
    """Return the requests that all web processes have answered; raise the errors of the broker."""
    return services.jobs.breaker.call(lambda: traffic.read(services.jobs.hasty))


def add_requests(services: Services, answered: Mapping[Served, RequestCount]) -> None:
    """Add this process's answered requests to the total; raise the errors of the broker."""
    services.jobs.breaker.call(lambda: traffic.add(services.jobs.hasty, answered))
