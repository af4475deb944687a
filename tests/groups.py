"""Stores whose groups lack series, as those that were restored."""

import re

from kumo.store import codec, keys
from kumo.store.client import Store


def strip_groups(store: Store) -> None:
    """Take the groups out of a store, as if it was from before there were any."""
    store.client.hdel(keys.LAYOUT, keys.SHARED, keys.TAGGED)
    for partition in store.partitions:
        for series_id, text in store.client.hgetall(partition.series).items():
            store.client.hset(partition.series, series_id.decode(), codec.leave_out_groups(text.decode()))
        for key in store.client.scan_iter(partition.details + "*"):
            for place, text in store.client.hgetall(key).items():
                store.client.hset(key, place, re.sub(rb"^(-?\d+)~\d+", rb"\1", text))
        for family in (partition.shares, partition.groups, partition.members, partition.tagsets):
            for key in store.client.scan_iter(family + "*"):
                store.client.delete(key.decode())
