"""Removing what is older than the retention; the daily totals stay."""

from typing import Final

from kumo.store import keys
from kumo.store.client import Store, pairs
from kumo.store.partition import Partition

CALL_ENTRIES: Final = 200
SWEEP_CALLS: Final = 50


def forget(store: Store, before: int) -> int:
    """Remove entries from before a time in ms, in calls of bounded size; returns how many went.

    One sweep makes a bounded number of calls. What is left waits for the next.
    """
    removed = 0
    store.client.hset(keys.LAYOUT, "forgotten_before", max(before, forgotten_before(store)))
    calls = SWEEP_CALLS
    for partition in store.partitions:
        _forget_told(store, partition, before)
        names = [
            partition.entries,
            partition.moments,
            partition.facts,
            partition.verdicts,
            partition.external,
            partition.cursor,
            partition.scope,
            partition.moved,
        ]
        for series_id in _with_old_entries(store, partition.series, partition.entries, before):
            if calls == 0:
                return removed
            calls -= 1
            removed += int(store.scripts.run("forget", names, [store.window, series_id, before, CALL_ENTRIES]))
    return removed


def _forget_told(store: Store, partition: Partition, before: int) -> None:
    p = partition
    names = [p.anomalies, p.anomaly, p.alerts, p.alert, p.due, p.evidence, p.feedback, p.alerts_in]
    store.scripts.run("forget_told", names, [before, CALL_ENTRIES])


def forgotten_before(store: Store) -> int:
    """Return the time in ms before which entries may have been removed; 0 where none ever was."""
    return int(store.client.hget(keys.LAYOUT, "forgotten_before") or 0)


def _with_old_entries(store: Store, series: str, entries: str, before: int) -> list[str]:
    ids = [series_id.decode() for series_id in store.client.hkeys(series)]
    oldest = store.many(["ZRANGE", entries + series_id, 0, 0, "WITHSCORES"] for series_id in ids)
    return [
        series_id
        for series_id, answer in zip(ids, oldest, strict=True)
        if any(int(score) < before for _, score in pairs(answer))
    ]
