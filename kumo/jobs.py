"""The jobs that workers run, by name, and how one is asked for.

A job is a hint that there is work: what is to be done stands in the store. So losing a job loses time, never work, and
running one twice does no harm. The functions are named as text, so that nothing here imports the worker.
"""

import logging
from typing import Any, Final

import redis
from rq import Queue
from rq.serializers import JSONSerializer

JUDGE: Final = "judge"
NOTIFY: Final = "notify"
IMPORT: Final = "import"
FUNCTIONS: Final = {JUDGE: "worker.tasks.judge", NOTIFY: "worker.tasks.notify", IMPORT: "worker.tasks.import_"}
ARGUMENTS: Final[dict[str, list[type]]] = {JUDGE: [int], NOTIFY: [], IMPORT: []}
TIMEOUT_SECONDS: Final = 60
# An import gives up by itself before (kumo.engine.uploads), so that it can say why.
IMPORT_SECONDS: Final = 3600
# A job that failed stands in the worker's log. In RQ it is kept for a minute, and so is that of a killed worker.
FAILURE_SECONDS: Final = 60

_log = logging.getLogger(__name__)


def timeout_of(queue: str) -> int:
    """Return after how many seconds RQ breaks off a job of a queue."""
    return IMPORT_SECONDS if queue == IMPORT else TIMEOUT_SECONDS


class Jobs:
    """The queues, seen from those who ask for work."""

    def __init__(self, broker: Any) -> None:  # noqa: ANN401 - see kumo.store.client.Client
        """Keep the connection to the broker: a plain Redis, since RQ knows no cluster."""
        self.broker = broker
        self._queues = {
            name: Queue(name, connection=broker, serializer=JSONSerializer, default_timeout=timeout_of(name))
            for name in FUNCTIONS
        }

    def judge(self, partition: int) -> None:
        """Ask for the pending arrivals of a partition to be judged."""
        self._ask(JUDGE, partition)

    def notify(self) -> None:
        """Ask for the due alerts to be told."""
        self._ask(NOTIFY)

    def import_(self) -> None:
        """Ask for an upload to be imported, unless a job waits already: it will find this upload too."""
        self._ask(IMPORT, once=True)

    def _ask(self, name: str, *args: int, once: bool = False) -> None:
        try:
            if once and self._queues[name].count:
                return
            # Without a pipeline RQ sends two transactions, each of which an append-only file takes to disk.
            with self.broker.pipeline() as pipe:
                self._queues[name].enqueue(
                    FUNCTIONS[name], args=args, result_ttl=0, failure_ttl=FAILURE_SECONDS, pipeline=pipe
                )
                pipe.execute()
        except redis.RedisError as error:
            # The work itself is stored; the sweep finds it and asks again.
            _log.warning("No %s job could be enqueued (%s); the sweep will ask again.", name, type(error).__name__)
