"""Adding series to the totals of their groups as a whole: those that were restored, or are older than groups."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Final

from kumo.store import codec, keys
from kumo.store.client import Store
from kumo.store.groups import are_complete
from kumo.store.partition import Partition
from kumo.store.series import DAYS
from kumo.store.signatures import Argument, Row

# A call takes some 10 ms a series with a year of days, and nothing else runs in the store meanwhile.
CALL_SERIES: Final = 4


def share(store: Store, most: int, last_day: int) -> bool:
    """Add series that are not part of the totals of their groups yet, at most so many; returns whether all are now.

    No entry is of a day after `last_day`, counted from 1970-01-01.
    """
    if are_complete(store):
        return True
    for partition in store.partitions:
        waiting = list(islice(_find_unshared(store, partition), most))
        for start in range(0, len(waiting), CALL_SERIES):
            asked: dict[str, Argument] = {"last_block": last_day // DAYS, "partitions": len(store.partitions)}
            store.scripts.run("share", partition, **asked, wanted=waiting[start : start + CALL_SERIES])
        most -= len(waiting)
        if most <= 0:
            return False
    store.client.hset(keys.LAYOUT, keys.SHARED, 1)
    return True


def _find_unshared(store: Store, partition: Partition) -> Iterator[Row]:
    """Yield what the script must know of the series without groups."""
    for series_id, text in store.client.hgetall(partition.series).items():
        if len(json.loads(text)) <= codec.GROUPS:
            yield codec.describe(series_id.decode(), codec.read_series(text))
