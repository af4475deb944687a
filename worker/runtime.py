"""A worker process: an RQ worker that does not fork, runs only our own functions, and survives an outage of Redis.

RQ's worker ends if Redis fails while it is not waiting for a job. Its work is safe in the store, so a new
one replaces it.
"""

import gc
import logging
import signal
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any, Final

import redis
from redis.client import Pipeline
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from kumo.engine import liveness
from kumo.jobs import TIMEOUT_SECONDS
from kumo.services import Services
from worker import sweeping
from worker.known import KnownJob

RESTART_SECONDS: Final = 1.0
SIGN_SECONDS: Final = 5.0
# Other workers clean up within minutes after a killed one. RQ would take a quarter of an hour for
# its job, seven minutes to miss the worker, and look every ten minutes.
CLEAN_SECONDS: Final = 15
MISSED_SECONDS: Final = 30

_log = logging.getLogger(__name__)
_current: list[Services] = []
_asked_to_stop = threading.Event()


def services() -> Services:
    """Return the services of this worker process."""
    return _current[-1]


def stopping() -> bool:
    """Return whether this process was asked to stop: a long job then ends at its next safe step."""
    return _asked_to_stop.is_set()


class Cleaned(Queue):
    """A queue that another worker may clean up soon after a worker was killed."""

    def acquire_maintenance_lock(self) -> bool:
        """Take the lock for seconds instead of a quarter of an hour."""
        return bool(self.connection.set(self.registry_cleaning_key, 1, nx=True, ex=CLEAN_SECONDS))


class Worker(SimpleWorker):
    """An RQ worker that knows whether it was asked to stop, and tries a lost Redis every other second."""

    max_connection_wait_time = 2.0
    asked_to_stop = False
    signed_at = -SIGN_SECONDS

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Send Kumo's heartbeat too, every few seconds: RQ's own heartbeat is a job's timeout ahead."""
        super().heartbeat(timeout, pipeline)
        if time.monotonic() - self.signed_at >= SIGN_SECONDS:
            self.signed_at = time.monotonic()
            liveness.record_heartbeat(services(), self.queues[0].name)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002 - RQ's signature
        """Return after how many seconds a job counts as abandoned: none runs longer than its timeout."""
        return int(job.timeout or TIMEOUT_SECONDS) + 5

    def subscribe(self) -> None:
        """Ignore commands: anyone who reaches the broker could stop workers and jobs with them."""

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 - RQ's signature
        """Never pause: a key in the broker would silently stop all work for good."""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:  # noqa: ANN401 - RQ's signature
        """Log why a job failed; RQ would put the traceback into the message."""
        _log.error("The job %s failed.", job.func_name, exc_info=exc_info)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the current job, then stop."""
        self.asked_to_stop = True
        _asked_to_stop.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's


def run(queue: str, built: Services) -> None:
    """Work on one queue until SIGTERM or SIGINT."""
    _current.append(built)
    # Loaded objects stay, so the garbage collector need not scan them, which takes 20 ms each time.
    gc.collect()
    gc.freeze()
    with suppress(StopRequested):
        _forever(queue, built)


def _forever(queue: str, built: Services) -> None:
    started = False
    while True:
        # Until RQ has its own handlers in place, and while Redis is away.
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        try:
            # First: the sweep must not touch a store with a newer layout either.
            built.check_layout()
            if not started:
                sweeping.start(built)
                started = True
            _work(queue, built)
        except redis.RedisError as error:
            _log.warning("Redis failed (%s): this worker starts again.", type(error).__name__, exc_info=error)
        time.sleep(RESTART_SECONDS)


def _stop(*_: object) -> None:
    raise StopRequested


def _work(queue: str, built: Services) -> None:
    """Run one RQ worker until it stops; raise `StopRequested` if it was asked to."""
    broker = built.jobs.broker
    worker = Worker(
        [Cleaned(queue, connection=broker, serializer=JSONSerializer, job_class=KnownJob)],
        connection=broker,
        serializer=JSONSerializer,
        queue_class=Cleaned,
        job_class=KnownJob,
        worker_ttl=MISSED_SECONDS,
        maintenance_interval=CLEAN_SECONDS,
        log_job_description=False,
    )
    try:
        worker.work(logging_level="WARNING")
    finally:
        if worker.asked_to_stop:
            raise StopRequested
