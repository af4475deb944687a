"""The revision of the store: a text that differs after each arrival, each commit, each pass of the retention.

Totals of groups are judged by commits of their own, which `version` counts.
"""

from kumo.store import client, feed, keys
from kumo.store.client import Store
from kumo.store.commands import Command, get, hget


def read(store: Store) -> str:
    """Read the revision, in one round trip.

    A store that was emptied counts from the start again, so the random name of the store is part of it.
    """
    commands: list[Command[bytes | None]] = feed.counter_commands(store)
    commands += (get(partition.version) for partition in store.partitions)
    commands += hget(keys.LAYOUT, "born"), hget(keys.LAYOUT, "passes")
    *numbers, born, passes = store.many(commands)
    if born is None:
        client.check_layout(store)
        return read(store)
    return f"{numbers} {born!r} {passes!r}"
