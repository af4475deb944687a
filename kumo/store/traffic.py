"""Counts of answered requests in the broker, over all web processes and their restarts."""

from collections import defaultdict
from collections.abc import Mapping

import redis

from kumo.domain.measures import RequestCount, Served
from kumo.store import keys
from kumo.store.protocol import as_server


def add(broker: redis.Redis, served: Mapping[Served, RequestCount]) -> None:
    """Add requests to the counts: all of them, or none if Redis refuses."""
    with as_server(broker).pipeline() as pipe:
        for row, spent in served.items():
            name = " ".join(map(str, row))
            pipe.hincrby(keys.REQUESTS, f"n {name}", spent.requests)
            pipe.hincrby(keys.REQUESTS, f"us {name}", spent.micros)
        pipe.execute()


def read(broker: redis.Redis) -> dict[Served, RequestCount]:
    """Return the counts of all requests."""
    found: defaultdict[Served, dict[str, int]] = defaultdict(dict)
    for name, number in as_server(broker).hgetall(keys.REQUESTS).items():
        figure, method, status, bound, route = name.decode().split(" ", 4)
        found[Served(method, int(status), bound, route)][figure] = int(number)
    return {row: RequestCount(figures.get("n", 0), figures.get("us", 0)) for row, figures in found.items()}
