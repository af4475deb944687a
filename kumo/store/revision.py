"""The revision of the store: a text that is another one after each arrival, each commit, each pass of the retention."""

from kumo.store import client, keys
from kumo.store.client import Store


def read(store: Store) -> str:
    """Read the revision, in one round trip.

    A store that was emptied begins to count again, so its name is part of it: each filling has one of its own.
    """
    # Each with a command of its own: while a slot of a cluster moves, one that names two keys may find them apart.
    heads = [["GET", key] for partition in store.partitions for key in (partition.seq, partition.cursor)]
    *numbers, (born, forgotten_before) = store.many([*heads, ["HMGET", keys.LAYOUT, "born", "forgotten_before"]])
    if born is None:
        client.check_layout(store)
        return read(store)
    return f"{numbers} {born} {forgotten_before}"
