"""Judging: read arrivals, fold them, commit them if the cursor has not moved."""

import logging
import time
from collections.abc import Callable
from typing import Final

from kumo.domain.alerts import AlertKind
from kumo.engine import delivery
from kumo.engine.detection import fold
from kumo.notify import summaries
from kumo.services import Services
from kumo.store import entries, feed
from kumo.store.feed import Slice
from kumo.store.partition import Partition

SLICE_ARRIVALS: Final = 500
JOB_SECONDS: Final = 5.0
# Largest backlog of another partition that a job judges as well.
LITTLE: Final = 20

_log = logging.getLogger(__name__)


def judge_partition(services: Services, number: int) -> None:
    """Judge the pending arrivals of a partition for at most five seconds; enqueue another job if more are left."""
    partition = services.store.partitions[number]
    feed.clear_wake(services.store, partition)
    deadline = time.monotonic() + JOB_SECONDS
    # If another judge was faster, the arrival behind this job may have come too late for it: look again.
    while (judged := judge_slice(services, partition)) is None or judged == SLICE_ARRIVALS:
        if time.monotonic() >= deadline:
            services.jobs.judge(number)
            return
    _look_around(services)


def _look_around(services: Services) -> None:
    """Judge short backlogs of other partitions: their jobs wait behind this one in the queue.

    A large backlog is left to its own job, which another judge may have begun already.
    """
    for partition, waiting in zip(services.store.partitions, feed.backlog(services.store), strict=True):
        if 0 < waiting <= LITTLE:
            judge_slice(services, partition)


def catch_up(services: Services, partition: Partition, arrival: int, report: Callable[[], None]) -> None:
    """Judge a partition up to an arrival, in this process, beside other judges; call `report` after each slice."""
    while entries.last_judged(services.store, partition) < arrival:
        if judge_slice(services, partition) == 0:
            return
        report()


def judge_slice(services: Services, partition: Partition, limit: int = SLICE_ARRIVALS) -> int | None:
    """Judge the next arrivals of a partition; return how many, or None if another judge was faster."""
    store = services.store
    services.failpoint("slice.before")
    cursor, arrivals = feed.pending(store, partition, limit)
    services.failpoint("slice.after")
    if not arrivals:
        return 0
    judged = fold.fold(services, partition, arrivals)
    services.failpoint("commit.before")
    due = feed.commit(store, partition, cursor, arrivals[-1].seq, judged)
    services.failpoint("commit.after")
    if due is None:
        return None
    _report(judged)
    if due:
        delivery.enqueue(services)
    return len(arrivals)


def _report(judged: Slice) -> None:
    """Log the anomalies that a slice has opened; those without alerts only at level DEBUG."""
    opened = [alert for alert in judged.alerts if alert.kind is AlertKind.OPENED]
    if opened:
        _log.info("%s", summaries.summarize_opened(opened))
    if quiet := judged.evidence.keys() - {alert.anomaly for alert in opened}:
        _log.debug("%d anomalies opened without an alert.", len(quiet))
