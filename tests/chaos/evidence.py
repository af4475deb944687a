"""The state after the attack: everything that Kumo shows, and everything that Slack and the journal recorded."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from rq import Queue
from rq.serializers import JSONSerializer

from kumo.domain.alerts import NOT_SENT, Alert
from kumo.domain.anomalies import Anomaly
from kumo.jobs import FUNCTIONS, IMPORT
from kumo.services import Services
from kumo.store import anomalies, feed, outbox
from kumo.store.walk import Bounds
from tests.chaos import totals
from tests.chaos.journal import Event
from tests.chaos.moods import Received

EVER: Final = Bounds(0, 10**15, newest_first=True)
EVERYTHING: Final = 10**6
MAX_PAGES: Final = 5_000
_NEXT: Final = re.compile(r'<([^>]+)>; rel="next"')

Get = Callable[[str], tuple[Any, str]]
"""Asks Kumo for a path: the JSON of the answer, and its Link header or nothing."""


@dataclass(frozen=True)
class Evidence:
    """Kumo's side (over HTTP, and its store), Slack's side, and the journal of the attacks."""

    services: Services
    get: Get
    received: list[Received]
    events: list[Event]

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield every row of a listing, page by page."""
        for _ in range(MAX_PAGES):
            rows, link = self.get(path)
            yield from rows
            found = _NEXT.search(link)
            if found is None:
                return
            path = found[1]
        raise AssertionError(f"{path} has no end")

    def anomalies(self) -> list[Anomaly]:
        """Every anomaly, in the order in which they were opened within a series."""
        store = self.services.store
        ids = [place.id for run in anomalies.walk_list(store, EVER, EVERYTHING) for place in run]
        return list(anomalies.read(store, sorted(ids)))

    def alerts(self) -> list[Alert]:
        store = self.services.store
        return outbox.read(store, [place.id for run in outbox.walk_list(store, EVER, EVERYTHING) for place in run])


def unfinished(services: Services) -> list[str]:
    """Return the work that Kumo still has to do: none, once all is quiet."""
    store = services.store
    found = [f"{sum(feed.backlog(store))} arrivals are not judged"] if sum(feed.backlog(store)) else []
    counts = outbox.count(store)
    waiting = sum(counts[status].alerts for status in NOT_SENT)
    pending = sum(store.client.xlen(partition.pending) for partition in store.partitions)
    found += [f"{waiting} alerts are still to be sent"] if waiting else []
    found += [f"{pending} records are still in the feeds"] if pending else []
    return [*found, *totals.unfinished(services)]


def leftovers(services: Services) -> list[str]:
    """Return what is left in RQ's queues and registries: jobs that no worker will end."""
    found = []
    for name in FUNCTIONS:
        queue = Queue(name, connection=services.jobs.broker, serializer=JSONSerializer)
        places = {
            "queued": queue.count,
            "dequeued": queue.connection.llen(queue.intermediate_queue_key),
            # RQ waits an hour for the import of a killed worker; the upload has another job by then.
            "started": 0 if name == IMPORT else queue.started_job_registry.get_job_count(cleanup=False),
            "deferred": queue.deferred_job_registry.get_job_count(cleanup=False),
            "scheduled": queue.scheduled_job_registry.get_job_count(cleanup=False),
            "failed": queue.failed_job_registry.get_job_count(cleanup=False),
        }
        found += [f"{count} jobs are {place} in {name}" for place, count in places.items() if count]
    return found


def orphans(services: Services) -> list[str]:
    """Return jobs that would stay for ever: without a time to live and in no queue or registry."""
    broker = services.jobs.broker
    held = set()
    for name in FUNCTIONS:
        queue = Queue(name, connection=broker, serializer=JSONSerializer)
        held |= {*queue.get_job_ids(), *queue.intermediate_queue.get_job_ids()}
        held |= {*queue.started_job_registry.get_job_ids(cleanup=False)}
        held |= {*queue.failed_job_registry.get_job_ids(cleanup=False)}
    jobs = [key.decode() for key in broker.scan_iter("rq:job:*", count=1000)]
    ids = [(key, key.removeprefix("rq:job:")) for key in jobs]
    return [f"{key} has no end" for key, job in ids if job not in held and broker.ttl(key) == -1]
