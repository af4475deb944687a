"""The yardstick of the workers: RQ jobs that do nothing, in a worker like Kumo's, on a queue of their own.

`python -m tests.bench.noop` is that worker.
"""

import math
import time
from typing import Final

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from kumo.settings import load
from kumo.store.client import connect
from kumo.store.protocol import Client
from worker.runtime import Worker

QUEUE: Final = "bench"
DONE: Final = "bench:done"

_clients: dict[str, Client] = {}


class NoopWorker(Worker):
    """A worker of no kind that Kumo knows: it gives no sign of life."""

    signed_at = math.inf


def nothing() -> None:
    """Do nothing."""


def tell(number: int) -> None:
    """Report that this job ran."""
    if DONE not in _clients:
        _clients[DONE] = connect(load().redis_url)
    _clients[DONE].rpush(DONE, number)


def queue(client: Redis) -> Queue:
    """Return the queue, set up as Kumo's are."""
    return Queue(QUEUE, connection=client, serializer=JSONSerializer, default_timeout=60)


def enqueue(client: Redis, count: int) -> None:
    """Ask for jobs that do nothing."""
    waiting = queue(client)
    for _ in range(count):
        waiting.enqueue("tests.bench.noop.nothing", result_ttl=0, failure_ttl=60)


def ask(client: Redis, waiting: Queue, number: int) -> float:
    """Ask for one job and wait until it ran; returns the seconds that took."""
    begun = time.perf_counter()
    waiting.enqueue("tests.bench.noop.tell", args=(number,), result_ttl=0, failure_ttl=60)
    done = client.blpop([DONE], timeout=30)
    assert done
    assert int(done[1]) == number
    return time.perf_counter() - begun


def main() -> None:
    """Work until told to stop."""
    broker = connect(load().redis_url)
    worker = NoopWorker([queue(broker)], connection=broker, serializer=JSONSerializer, log_job_description=False)
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main()
