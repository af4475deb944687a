"""How far the retention has reached: days before the watermark may have lost entries that the roll-ups still count.

Nothing is recorded, replaced or removed there any more, whatever the retention is now: it would count twice, or be
missing in the totals. A watermark is the start of a day, and only grows. Each partition has its own;
imports use the highest, so that they never write half of a day.
"""

from kumo.store import answers
from kumo.store.client import Store
from kumo.store.commands import get, hdel
from kumo.store.partition import Partition


def read(store: Store) -> dict[Partition, int]:
    """Return the watermark of each partition in ms; 0 if the retention removed nothing."""
    found = store.many(get(partition.retention) for partition in store.partitions)
    return {partition: int(at or 0) for partition, at in zip(store.partitions, found, strict=True)}


def highest(store: Store) -> int:
    """Return the highest watermark."""
    return max(read(store).values())


def bounds(store: Store, before: int) -> dict[Partition, int]:
    """Return how far the retention may reach in each partition now: it stops before the days of running imports."""
    found = store.run_each("find_retention_limit", [(partition, {"before": before}) for partition in store.partitions])
    return dict(zip(store.partitions, map(answers.number, found), strict=True))


def release(store: Store, number: int) -> None:
    """Let the retention reach the days of an import that has ended."""
    store.many(hdel(partition.importing, number) for partition in store.partitions)
