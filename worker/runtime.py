"""A worker process: an RQ worker that does not fork, runs our own functions alone, and outlives its Redis.

RQ's worker quits where Redis fails it outside of waiting for a job. What it worked on is safe in the store, so a new
one simply takes its place.
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
# What a killed worker leaves in RQ is cleared away by the others within minutes. RQ would take a quarter of an hour for
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
    """Whether this process was asked to stop: a long job then ends at the next place from which it can go on."""
    return _asked_to_stop.is_set()


class Cleaned(Queue):
    """A queue that another worker may clean soon after one was killed at it."""

    def acquire_maintenance_lock(self) -> bool:
        """Take the lock for seconds in place of a quarter of an hour."""
        return bool(self.connection.set(self.registry_cleaning_key, 1, nx=True, ex=CLEAN_SECONDS))


class Worker(SimpleWorker):
    """An RQ worker that remembers whether it was asked to stop, and looks for a lost Redis every other second."""

    max_connection_wait_time = 2.0
    asked_to_stop = False
    signed_at = -SIGN_SECONDS

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Give Kumo a sign of life too, every few seconds: RQ's own sign is a job's timeout ahead."""
        super().heartbeat(timeout, pipeline)
        if time.monotonic() - self.signed_at >= SIGN_SECONDS:
            self.signed_at = time.monotonic()
            liveness.give_sign(services(), self.queues[0].name)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002 - RQ's signature
        """Return after how many seconds a job counts as abandoned: none runs longer than its timeout."""
        return int(job.timeout or TIMEOUT_SECONDS) + 5

    def subscribe(self) -> None:
        """Listen for no commands: whoever reaches the broker could stop workers and jobs with them."""

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 - RQ's signature
        """Never pause: a key in the broker would keep all from working, for good and in silence."""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:  # noqa: ANN401 - RQ's signature
        """Log why a job failed; RQ would put the stack trace into the message."""
        _log.error("The job %s failed.", job.func_name, exc_info=exc_info)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the job at hand, then stop."""
        self.asked_to_stop = True
        _asked_to_stop.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's


def run(queue: str, built: Services) -> None:
    """Work on one queue until SIGTERM or SIGINT."""
    _current.append(built)
    # What is loaded stays: the garbage collector need not look through it, which takes 20 ms each time.
    gc.collect()
    gc.freeze()
    with suppress(StopRequested):
        _forever(queue, built)


def _forever(queue: str, built: Services) -> None:
    started = False
    while True:
        # Until RQ has its own handlers in place, and while there is no Redis to work for.
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        try:
            # Before anything else: a store of a newer layout must not be swept either.
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
    """Run one RQ worker until it stops; raises `StopRequested` where it was asked to."""
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
