"""The fleet of judged things, by currency: a cache that the census renews each day (kumo.engine.totals.census)."""

from collections.abc import Mapping
from typing import NamedTuple

from kumo.domain.worth import FleetDay
from kumo.store import keys, rows
from kumo.store.client import Store
from kumo.store.commands import Command, hgetall, hlen


class FleetRows(NamedTuple):
    """The rows by currency, and how many series and groups the store has now, judged or not.

    A group counts once for each partition that has series of it.
    """

    days: Mapping[str, FleetDay]
    stored: int


def read(store: Store) -> FleetRows:
    """Return the rows of all currencies, in one round trip."""
    asked: list[Command[dict[bytes, bytes] | int]] = [hgetall(keys.FLEET)]
    for partition in store.partitions:
        asked += hlen(partition.series), hlen(partition.members)
    found, *counts = store.many(asked)
    days = found.items() if isinstance(found, dict) else ()
    return FleetRows(
        {currency.decode(): rows.load(FleetDay, text, f"{keys.FLEET} {currency.decode()}") for currency, text in days},
        sum(count for count in counts if isinstance(count, int)),
    )


def replace(store: Store, days: Mapping[str, FleetDay]) -> None:
    """Store the rows of all currencies; those of others go."""
    gone = {field.decode() for field in store.client.hkeys(keys.FLEET)} - days.keys()
    if days:
        store.client.hset(keys.FLEET, mapping={currency: rows.dump(day) for currency, day in days.items()})
    if gone:
        store.client.hdel(keys.FLEET, *gone)
