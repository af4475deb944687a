"""What is measured of the service itself, for Prometheus."""

from typing import NamedTuple


class Served(NamedTuple):
    """What is counted together: method, status, upper bound of the duration in seconds as text, route template."""

    method: str
    status: int
    bound: str
    route: str


class RequestCount(NamedTuple):
    """How many requests, and the µs that they took together."""

    requests: int
    micros: int
