"""Judging: read arrivals, fold them, commit them if the cursor has not moved."""

import logging
import time
from collections.abc import Callable
from typing import Final

from kumo.domain.alerts import AlertKind
from kumo.engine import delivery
from kumo.engine.detection import fold
from kumo.engine.totals import combining, slices
from kumo.notify import summaries
from kumo.services import Services
from kumo.store import entries, feed
from kumo.store.entries import WAKE_MS
from kumo.store.feed import Slice
from kumo.store.partition import Partition

SLICE_ARRIVALS: Final = 500
JOB_SECONDS: Final = 5.0
FOLD_SECONDS: Final = 1.0
# While many arrivals wait, totals rest so many times as long as they were folded.
REST: Final = 4
# Largest backlog of another partition that a job judges as well.
LITTLE: Final = 20

_log = logging.getLogger(__name__)


def judge_partition(services: Services, number: int) -> None:
    """Judge the pending arrivals of a partition for at most five seconds; enqueue another job if more are left."""
    partition = services.store.partitions[number]
    feed.clear_wake(services.store, partition)
    deadline = time.monotonic() + JOB_SECONDS
    pace = Pace()
    # If another judge was faster, the arrival behind this job may have come too late for it: look again.
    while judge_slice(services, partition, pace=pace) != 0:
        if time.monotonic() >= deadline:
            judge_groups(services, partition, deadline)
            services.jobs.judge(number)
            return
    judge_groups(services, partition, deadline)
    _look_around(services, deadline)


def judge_groups(services: Services, partition: Partition, deadline: float) -> None:
    """Combine the groups that arrivals of a partition have changed, and fold them, or enqueue jobs that will.

    A home with a backlog of its own folds them in its own job.
    """
    store, homes, combined = services.store, set[Partition](), combining.combine(services, partition)
    while combined.settled and time.monotonic() < deadline:
        homes |= combined.homes
        combined = combining.combine(services, partition)
    if combined.settled or combined.left:
        wake(services, partition)
    homes |= combined.homes
    backlog = feed.backlog(store) if homes else []
    for home in sorted(homes, key=lambda each: each.number):
        if backlog[home.number] > LITTLE or not _fold_waiting(services, home, deadline):
            wake(services, home)


def _fold_waiting(services: Services, home: Partition, deadline: float) -> bool:
    """Fold what waits in a home; return whether nothing is left."""
    while judge_slice(services, home) != 0:
        if time.monotonic() >= deadline:
            return False
    return True


def wake(services: Services, partition: Partition) -> None:
    """Enqueue a job for a partition, unless one is queued."""
    if feed.wake(services.store, partition, WAKE_MS):
        services.jobs.judge(partition.number)


def _look_around(services: Services, deadline: float) -> None:
    """Judge short backlogs of other partitions: their jobs wait behind this one in the queue.

    A large backlog is left to its own job, which another judge may have begun already.
    """
    for partition, waiting in zip(services.store.partitions, feed.backlog(services.store), strict=True):
        if 0 < waiting <= LITTLE:
            judge_slice(services, partition)
            judge_groups(services, partition, deadline)


def catch_up(services: Services, partition: Partition, arrival: int, report: Callable[[], None]) -> None:
    """Judge a partition up to an arrival, in this process, beside other judges; call `report` after each slice.

    Totals that wait are folded too.
    """
    pace = Pace()
    while entries.last_judged(services.store, partition) < arrival or partition in feed.find_unfolded(services.store):
        if judge_slice(services, partition, pace=pace) == 0:
            return
        report()


class Pace:
    """When totals are folded while many arrivals wait: at most once a second, and at most a fifth of the time.

    So the work does not grow with arrivals.
    """

    def __init__(self) -> None:
        self._due_at = time.monotonic() + FOLD_SECONDS

    def is_due(self) -> bool:
        """Return whether it is time for another fold."""
        return time.monotonic() >= self._due_at

    def rest(self, begun: float) -> None:
        """Wait after a fold that began at a time of the monotonic clock."""
        now = time.monotonic()
        self._due_at = now + max(FOLD_SECONDS, REST * (now - begun))


def judge_slice(
    services: Services, partition: Partition, limit: int = SLICE_ARRIVALS, pace: Pace | None = None
) -> int | None:
    """Judge the next arrivals of a partition, and fold totals; return how many, or None if another judge was faster.

    With a `pace`, and more arrivals than fit into the slice, totals are folded at that pace.
    """
    store = services.store
    services.failpoint("slice.before")
    fence, arrivals = feed.pending(store, partition, limit)
    services.failpoint("slice.after")
    judged = fold.fold(services, partition, arrivals) if arrivals else Slice()
    now, begun = pace is None or len(arrivals) < limit or pace.is_due(), time.monotonic()
    folded = slices.fold_totals(services, partition, arrivals, judged, now=now)
    if now and pace:
        pace.rest(begun)
    if not arrivals and not folded:
        return 0
    services.failpoint("commit.before")
    due = feed.commit(store, partition, fence, arrivals[-1].seq if arrivals else fence.cursor, judged)
    services.failpoint("commit.after")
    if due is None:
        return None
    _report(judged)
    if due:
        delivery.enqueue(services)
    return len(arrivals) + folded


def _report(judged: Slice) -> None:
    """Log the anomalies that a slice has opened; those without alerts only at level DEBUG."""
    opened = [alert for alert in judged.alerts if alert.kind is AlertKind.OPENED]
    if opened:
        _log.info("%s", summaries.summarize_opened(opened))
    if quiet := judged.evidence.keys() - {alert.anomaly for alert in opened}:
        _log.debug("%d anomalies opened without an alert.", len(quiet))
