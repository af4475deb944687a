"""The jobs that workers run, by name, and how one is asked for.

A job is a hint that there is work: what is to be done stands in the store. So losing a job loses time, never work, and
running one twice does no harm. The functions are named as text, so that nothing here imports the worker.
"""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Final, TypeVar

import redis
from rq import Queue
from rq.serializers import JSONSerializer

JUDGE: Final = "judge"
NOTIFY: Final = "notify"
IMPORT: Final = "import"
FUNCTIONS: Final = {JUDGE: "worker.tasks.judge", NOTIFY: "worker.tasks.notify", IMPORT: "worker.tasks.import_"}
ARGUMENTS: Final[dict[str, list[type]]] = {JUDGE: [int], NOTIFY: [], IMPORT: []}
TIMEOUT_SECONDS: Final = 60
# An import gives up by itself before (kumo.engine.imports.uploads), so that it can say why.
IMPORT_SECONDS: Final = 3600
# A job that failed stands in the worker's log. In RQ it is kept for a minute, and so is that of a killed worker.
FAILURE_SECONDS: Final = 60

# What takes longer to fail makes those who ask wait; after such a failure one of them asks again every few seconds.
SLOW_SECONDS: Final = 0.1
PAUSE_SECONDS: Final = 3.0

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


def timeout_of(queue: str) -> int:
    """Return after how many seconds RQ breaks off a job of a queue."""
    return IMPORT_SECONDS if queue == IMPORT else TIMEOUT_SECONDS


class CircuitBreaker:
    """Spares requests the wait for a broker that does not answer: they have no need of it.

    After a failure that was slow to come, one call every `pause` seconds gets through; the others fail at once.
    """

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        """Start closed."""
        self.pause = pause
        self._closed_from = 0.0
        self._lock = Lock()

    def call(self, ask: Callable[[], Answer]) -> Answer:
        """Call a function that asks the broker, and return its answer.

        Raises `redis.RedisError` as it does, or at once where the broker was slow to fail a moment ago.
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
                self._closed_from = now + self.pause  # the others wait for what becomes of this one


class Jobs:
    """The queues, seen from those who ask for work.

    `broker` is the connection of workers, which wait for jobs; `hasty` one that gives up soon, for those who cannot.
    """

    def __init__(self, broker: Any, hasty: Any = None) -> None:  # noqa: ANN401 - see kumo.store.client.Client
        """Keep the connections to the broker: a plain Redis, since RQ knows no cluster."""
        self.broker = broker
        self.hasty = hasty or broker
        self.breaker = CircuitBreaker()
        self._queues = {
            name: Queue(name, connection=self.hasty, serializer=JSONSerializer, default_timeout=timeout_of(name))
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
            self.breaker.call(lambda: self._enqueue(name, *args, once=once))
        except redis.RedisError as error:
            # The work itself is stored; the sweep finds it and asks again.
            text = "No %s job could be enqueued (%s); the sweep will ask again."
            _log.warning(text, name, type(error).__name__, exc_info=error)

    def _enqueue(self, name: str, *args: int, once: bool) -> None:
        if once and self._queues[name].count:
            return
        # Without a pipeline RQ sends two transactions, each of which an append-only file takes to disk.
        with self.hasty.pipeline() as pipe:
            self._queues[name].enqueue(
                FUNCTIONS[name], args=args, result_ttl=0, failure_ttl=FAILURE_SECONDS, pipeline=pipe
            )
            pipe.execute()
