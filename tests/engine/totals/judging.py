"""Recording costs and judging all that follows from them, without a worker."""

import math
from collections.abc import Iterable
from dataclasses import replace

from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import DAY_MS, Entry
from kumo.engine import ingest
from kumo.engine.detection import judge
from kumo.services import Services
from kumo.store import anomalies, outbox


def judge_all(services: Services, entries: Iterable[Entry] = (), *, day: int) -> Services:
    """Record entries at noon of a day, and judge until nothing is left; return services with the clock of that time."""
    now = replace(services, clock=lambda: day * DAY_MS + DAY_MS // 2)
    found = list(entries)
    for start in range(0, len(found), 5_000):
        ingest.ingest(now, found[start : start + 5_000])
    waiting = True
    while waiting:
        waiting = sum(judge.judge_slice(now, partition) or 0 for partition in now.store.partitions) > 0
        for partition in now.store.partitions:
            judge.judge_groups(now, partition, math.inf)
    return now


def find_anomalies(services: Services) -> list[Anomaly]:
    ids = [
        name.decode()
        for partition in services.store.partitions
        for name in services.store.client.zrange(partition.anomalies, 0, -1, withscores=False)
    ]
    return list(anomalies.read(services.store, ids))


def find_kinds(services: Services) -> list[AlertKind]:
    ids = [
        name.decode()
        for partition in services.store.partitions
        for name in services.store.client.zrange(partition.alerts, 0, -1, withscores=False)
    ]
    return sorted(alert.kind for alert in outbox.read(services.store, ids))
