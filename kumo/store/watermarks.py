"""How far the retention has reached: of days before the watermark entries may be gone that the roll-ups still count.

Nothing is recorded, replaced or taken out there any more, whatever the retention is now: it would count twice, or be
missing from what the days came to. A watermark begins a day, and only ever grows. Each partition has one of its own;
imports go by the highest, so that no day of a bill is written in part.
"""

from kumo.store import answers
from kumo.store.client import Store
from kumo.store.commands import get, hdel
from kumo.store.partition import Partition


def read(store: Store) -> dict[Partition, int]:
    """Return the watermark of each partition in ms; 0 where nothing was ever removed by age."""
    found = store.many(get(partition.retention) for partition in store.partitions)
    return {partition: int(at or 0) for partition, at in zip(store.partitions, found, strict=True)}


def highest(store: Store) -> int:
    """Return the highest watermark."""
    return max(read(store).values())


def bounds(store: Store, before: int) -> dict[Partition, int]:
    """Return how far the retention may reach in each partition now: not into the days of imports that are under way."""
    found = store.run_each("find_retention_limit", [(partition, {"before": before}) for partition in store.partitions])
    return dict(zip(store.partitions, map(answers.number, found), strict=True))


def release(store: Store, number: int) -> None:
    """Let the retention reach into the days of an import, which is over."""
    store.many(hdel(partition.importing, number) for partition in store.partitions)
