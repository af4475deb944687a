"""Recording costs and judging all that follows from them, without a worker."""

import math
from collections.abc import Iterable
from dataclasses import replace

from kumo.domain.entries import DAY_MS, Entry
from kumo.engine import ingest
from kumo.engine.detection import judge
from kumo.services import Services


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
