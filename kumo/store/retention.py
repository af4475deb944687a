"""Removing what is older than the retention; the daily totals stay."""

from typing import Final

from kumo.store import keys
from kumo.store.client import Store, pairs
from kumo.store.partition import Partition

CALL_ENTRIES: Final = 200
SWEEP_CALLS: Final = 50


def forget(store: Store, before: int) -> int:
    """Remove entries from before a time in ms, in calls of bounded size; returns how many went.

    One sweep makes a bounded number of calls; what is left waits for the next. To look for old entries is to read every
    series, so a partition that has none left rests until a later time is given. What came too late goes then.
    """
    waiting = _unswept(store, before)
    if not waiting:
        return 0
    store.client.hset(keys.LAYOUT, "forgotten_before", max(before, forgotten_before(store)))
    removed, calls, swept = 0, SWEEP_CALLS, {}
    for partition in waiting:
        told = _forget_told(store, partition, before)
        old = _with_old_entries(store, partition, before)
        removed += sum(_forget_entries(store, partition, series_id, before) for series_id in old[:calls])
        if not told and not old:
            swept[partition.number] = before
        calls -= len(old)
        if calls <= 0:
            break
    store.client.hincrby(keys.LAYOUT, "passes", 1)
    if swept:
        store.client.hset(keys.SWEPT, mapping=swept)
    return removed


def _unswept(store: Store, before: int) -> list[Partition]:
    """Return the partitions that may have something from before a time."""
    swept = {int(number): int(time) for number, time in store.client.hgetall(keys.SWEPT).items()}
    return [partition for partition in store.partitions if swept.get(partition.number, 0) < before]


def _forget_entries(store: Store, partition: Partition, series_id: str, before: int) -> int:
    p = partition
    names = [p.entries, p.moments, p.facts, p.verdicts, p.external, p.cursor, p.scope, p.moved]
    return int(store.scripts.run("forget", names, [store.window, series_id, before, CALL_ENTRIES]))


def _forget_told(store: Store, partition: Partition, before: int) -> int:
    p = partition
    names = [p.anomalies, p.anomaly, p.alerts, p.alert, p.due, p.evidence, p.feedback, p.alerts_in]
    return int(store.scripts.run("forget_told", names, [before, CALL_ENTRIES]))


def forgotten_before(store: Store) -> int:
    """Return the time in ms before which entries may have been removed; 0 where none ever was."""
    return int(store.client.hget(keys.LAYOUT, "forgotten_before") or 0)


def _with_old_entries(store: Store, partition: Partition, before: int) -> list[str]:
    ids = [series_id.decode() for series_id in store.client.hkeys(partition.series)]
    oldest = store.many(["ZRANGE", partition.entries + series_id, 0, 0, "WITHSCORES"] for series_id in ids)
    return [
        series_id
        for series_id, answer in zip(ids, oldest, strict=True)
        if any(int(score) < before for _, score in pairs(answer))
    ]
