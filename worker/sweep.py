"""The sweep: whatever lost its job is found again, and what is past its retention goes.

A job is lost where a worker is killed with it, or a web process between recording and enqueueing. Every worker process
carries a sweeping thread; a short lease lets one of them work at a time.
"""

import logging
import math
import threading
from typing import Final

import redis

from kumo.domain.entries import DAY_MS
from kumo.engine import delivery
from kumo.engine.imports import uploads
from kumo.services import Services
from kumo.store import feed, keys, leases, outbox, retention
from kumo.store.entries import WAKE_MS

EVERY_SECONDS: Final = 5.0
LEASE_MS: Final = 4_000
# What a web process or an importer took for young enough just before midnight must not be too old just after.
GRACE_MS: Final = 3_600_000

_log = logging.getLogger(__name__)


def start(services: Services) -> None:
    """Sweep every few seconds from now on, in a thread that ends with the process."""
    threading.Thread(target=_forever, args=(services,), name="sweep", daemon=True).start()


def _forever(services: Services) -> None:
    pause = threading.Event()
    while True:
        try:
            if leases.take(services.store, keys.SWEEP, services.token(), LEASE_MS):
                sweep(services)
        except redis.RedisError as error:
            _log.info("The sweep found no Redis (%s).", type(error).__name__, exc_info=error)
        except Exception:  # noqa: BLE001 - a sweep that ends would let lost work lie
            _log.exception("The sweep failed.")
        pause.wait(EVERY_SECONDS)


def sweep(services: Services) -> None:
    """Ask again for work that waits without a job, then remove what is past its retention."""
    store = services.store
    for partition, waiting in zip(store.partitions, feed.backlog(store), strict=True):
        if waiting and feed.wake(store, partition, WAKE_MS):
            services.jobs.judge(partition.number)
    if min(outbox.due(store).values(), default=math.inf) <= 0:
        delivery.ask(services)
    uploads.ask(services)
    if services.settings.retention_days:
        retention.forget(store, services.clock() - GRACE_MS - services.settings.retention_days * DAY_MS)
