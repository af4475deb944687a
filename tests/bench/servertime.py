"""How long the server itself works: no client, no network and no Python in it."""

from collections.abc import Callable
from typing import NamedTuple

from kumo.store.protocol import Client

SCRIPTS = ("evalsha", "eval")


class Spent(NamedTuple):
    """Calls of a command, and the microseconds that they took."""

    calls: int
    usec: int


def stats(client: Client) -> dict[str, Spent]:
    """Return the cost of each command since the server started."""
    found = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): Spent(row["calls"], row["usec"]) for name, row in found.items()}


def during(client: Client, act: Callable[[], object]) -> dict[str, Spent]:
    """Return the cost of each command during an action; commands inside of scripts also count for their scripts."""
    before = stats(client)
    act()
    nothing = Spent(0, 0)
    return {
        name: Spent(now.calls - before.get(name, nothing).calls, now.usec - before.get(name, nothing).usec)
        for name, now in stats(client).items()
    }


def of_scripts(client: Client, act: Callable[[], object]) -> float:
    """Return the microseconds that scripts took while something was done."""
    spent = during(client, act)
    return sum(spent[name].usec for name in SCRIPTS if name in spent)


def least_of_all(client: Client, act: Callable[[], object]) -> float:
    """Return the microseconds of all that a client asked for: commands inside of scripts are not counted twice."""
    spent = during(client, act)
    asked = ("evalsha", "eval", "xrange", "hmget", "get", "hget")
    return sum(spent[name].usec for name in asked if name in spent)
