"""Removing entries past the retention; the daily totals stay."""

from typing import Final

from kumo.domain.entries import DAY_MS
from kumo.store import answers, keys, watermarks
from kumo.store.client import Store, pairs
from kumo.store.commands import first_of
from kumo.store.partition import Partition

CALL_ENTRIES: Final = 200
SWEEP_CALLS: Final = 50


def remove_old(store: Store, before: int) -> int:
    """Remove entries of the days before the day of a time in ms, in calls of limited size; return their number.

    Days of running imports stay. One sweep makes a limited number of calls; the rest waits for the next sweep.
    To find old entries, every series is read. So a partition that has none left is skipped until a later day.
    Entries that become old meanwhile are removed then.
    """
    waiting = _unswept(store, before // DAY_MS * DAY_MS)
    if not waiting:
        return 0
    removed, calls, swept = 0, SWEEP_CALLS, {}
    for partition, bound in waiting.items():
        ended = _remove_anomalies(store, partition, bound)
        old = _with_old_entries(store, partition, bound)
        removed += sum(_remove_entries(store, partition, series_id, bound) for series_id in old[:calls])
        if not ended and not old:
            swept[str(partition.number)] = bound
        calls -= len(old)
        if calls <= 0:
            break
    store.client.hincrby(keys.LAYOUT, "passes", 1)
    if swept:
        store.client.hset(keys.SWEPT, mapping=swept)
    return removed


def _unswept(store: Store, before: int) -> dict[Partition, int]:
    """Return the partitions that may have entries to remove, each with the time in ms before which to remove."""
    swept = {int(number): int(time) for number, time in store.client.hgetall(keys.SWEPT).items()}
    bounds = watermarks.bounds(store, before)
    return {partition: bound for partition, bound in bounds.items() if swept.get(partition.number, 0) < bound}


def _remove_entries(store: Store, partition: Partition, series_id: str, before: int) -> int:
    window, most = store.window, CALL_ENTRIES
    answer = store.scripts.run(
        "remove_old_entries", partition, window=window, series=series_id, before=before, most=most
    )
    return answers.number(answer)


def _remove_anomalies(store: Store, partition: Partition, before: int) -> int:
    return answers.number(store.scripts.run("remove_old_anomalies", partition, before=before, most=CALL_ENTRIES))


def _with_old_entries(store: Store, partition: Partition, before: int) -> list[str]:
    ids = [series_id.decode() for series_id in store.client.hkeys(partition.series)]
    oldest = store.many(first_of(partition.entries + series_id) for series_id in ids)
    return [
        series_id
        for series_id, answer in zip(ids, oldest, strict=True)
        if any(int(score) < before for _, score in pairs(answer))
    ]
