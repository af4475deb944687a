"""The jobs of workers, by name, and how to enqueue one.

A job is only a hint that there is work; the work itself is in the store. So a lost job costs time, never work, and
running a job twice does no harm. Functions are named as text, so that this module does not import the worker. The
broker is the Redis that holds the queues.
"""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Final, TypeVar

import redis
from rq import Queue
from rq.serializers import JSONSerializer

JUDGE: Final = "judge"
NOTIFY: Final = "notify"
IMPORT: Final = "import"
FUNCTIONS: Final = {JUDGE: "worker.tasks.judge", NOTIFY: "worker.tasks.notify", IMPORT: "worker.tasks.import_"}
ARGUMENTS: Final[dict[str, list[type]]] = {JUDGE: [int], NOTIFY: [], IMPORT: []}
TIMEOUT_SECONDS: Final = 60
# An import stops by itself earlier (kumo.engine.imports.uploads), so that it can give the reason.
IMPORT_SECONDS: Final = 3600
# The worker's log has the failed job. RQ keeps it for a minute, also that of a killed worker.
FAILURE_SECONDS: Final = 60

# A slow failure delays its callers; after one, only one call every few seconds tries again.
SLOW_SECONDS: Final = 0.1
PAUSE_SECONDS: Final = 3.0

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


def timeout_of(queue: str) -> int:
    """Return the seconds after which RQ stops a job of a queue."""
    return IMPORT_SECONDS if queue == IMPORT else TIMEOUT_SECONDS


class CircuitBreaker:
    """Saves requests the wait for a broker that does not answer, because they do not need it.

    After a slow failure, one call every `pause` seconds gets through; the others fail at once.
    """

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        """Start closed."""
        self.pause = pause
        self._closed_from = 0.0
        self._lock = Lock()

    def call(self, ask: Callable[[], Answer]) -> Answer:
        """Call a function that uses the broker, and return its result.

        Raises the `redis.RedisError` of the function, or raises one at once shortly after a slow failure.
        """
        self._refuse()
        began = time.monotonic()
        try:
            answer = ask()
        except redis.RedisError:
            if time.monotonic() - began >= SLOW_SECONDS:
                self._closed_from = time.monotonic() + self.pause
            raise
        self._closed_from = 0.0
        return answer

    def _refuse(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._closed_from:
                raise redis.ConnectionError("The broker did not answer a moment ago.")
            if self._closed_from:
                self._closed_from = now + self.pause  # the others wait for the result of this call


class Jobs:
    """The queues, as seen by processes that enqueue jobs.

    `broker` is the connection for workers, which wait for jobs; `hasty` has short timeouts for callers that cannot
    wait.
    """

    def __init__(self, broker: redis.Redis, hasty: redis.Redis | None = None) -> None:
        """Keep the connections to the broker: a plain Redis, because RQ does not support clusters."""
        self.broker = broker
        self.hasty = hasty or broker
        self.breaker = CircuitBreaker()
        self._queues = {
            name: Queue(name, connection=self.hasty, serializer=JSONSerializer, default_timeout=timeout_of(name))
            for name in FUNCTIONS
        }

    def judge(self, partition: int) -> None:
        """Enqueue a job that judges the pending arrivals of a partition."""
        self._ask(JUDGE, partition)

    def notify(self) -> None:
        """Enqueue a job that sends the due alerts."""
        self._ask(NOTIFY)

    def import_(self) -> None:
        """Enqueue a job that imports an upload, unless one waits already; that one will find this upload too."""
        self._ask(IMPORT, once=True)

    def _ask(self, name: str, *args: int, once: bool = False) -> None:
        try:
            self.breaker.call(lambda: self._enqueue(name, *args, once=once))
        except redis.RedisError as error:
            # The work itself is stored; the sweep finds it and enqueues a job.
            text = "No %s job could be enqueued (%s); the sweep will enqueue one."
            _log.warning(text, name, type(error).__name__, exc_info=error)

    def _enqueue(self, name: str, *args: int, once: bool) -> None:
        if once and self._queues[name].count:
            return
        # Without a pipeline RQ sends two transactions, and each goes to disk.
        with self.hasty.pipeline() as pipe:
            self._queues[name].enqueue(
                FUNCTIONS[name], args=args, result_ttl=0, failure_ttl=FAILURE_SECONDS, pipeline=pipe
            )
            pipe.execute()
