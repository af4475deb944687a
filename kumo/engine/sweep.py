"""The sweep: enqueues work whose job was lost, removes data past its retention, and takes the census.

A job is lost if a worker is killed with it, or a web process between recording and enqueueing. Each worker process
sweeps every few seconds; a short lease lets only one of them work at a time.
"""

from typing import Final

from kumo.domain.entries import DAY_MS
from kumo.engine import delivery
from kumo.engine.imports import uploads
from kumo.engine.totals import census, marking
from kumo.services import Services
from kumo.store import changes, feed, keys, leases, outbox, retention, sharing
from kumo.store.entries import WAKE_MS
from kumo.store.series import day_of

LEASE_MS: Final = 4_000
# Series that one sweep adds to the totals of their groups, if these lack them.
SHARED_SERIES: Final = 100
# An entry that was young enough just before midnight must not be too old just after.
GRACE_MS: Final = 3_600_000


def take_turn(services: Services) -> None:
    """Sweep, unless another process did so a moment ago."""
    if leases.take(services.store, keys.SWEEP, services.token(), LEASE_MS):
        sweep(services)


def sweep(services: Services) -> None:
    """Enqueue jobs for work without one, remove data past its retention, and take the census once a day."""
    store = services.store
    marking.mark_moved(services)
    waiting = {partition for partition, count in zip(store.partitions, feed.backlog(store), strict=True) if count}
    waiting |= {*changes.find_partitions(store), *feed.find_unfolded(store)}
    for partition in sorted(waiting, key=lambda each: each.number):
        if feed.wake(store, partition, WAKE_MS):
            services.jobs.judge(partition.number)
    if any(ms <= 0 for waits in outbox.find_due(store).values() for ms in waits.values()):
        delivery.enqueue(services)
    uploads.enqueue(services)
    sharing.share(store, SHARED_SERIES, day_of(services.clock()) + 1)
    if services.settings.retention_days:
        retention.remove_old(store, services.clock() - GRACE_MS - services.settings.retention_days * DAY_MS)
    census.take_turn(services)
