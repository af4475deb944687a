"""Figures about the service itself, for Prometheus."""

from typing import Final, NamedTuple

BOUNDS_MS: Final = (250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000)


class Served(NamedTuple):
    """What is counted together: method, status, upper bound of the duration in seconds as text, route template."""

    method: str
    status: int
    bound: str
    route: str


class RequestCount(NamedTuple):
    """A number of requests, and the sum of their durations in µs."""

    requests: int
    micros: int


class Totals(NamedTuple):
    """`arrivals` and `judged` count since the beginning, also through restores; the rest are current numbers."""

    arrivals: int
    judged: int
    series: int
    open_anomalies: int
    anomalies: int
    alerts: int


class StatusCount(NamedTuple):
    """The number of alerts of a status, and the age of the oldest of them in seconds, 0 if there are none."""

    alerts: int
    oldest: float


class DeliveryTimes(NamedTuple):
    """How many alerts were sent within each of BOUNDS_MS, how many in all, and the sum of their seconds."""

    within: tuple[int, ...]
    sent: int
    seconds: float


class Destination(NamedTuple):
    """A destination: on or off, its last answer, messages sent, alerts that may have arrived twice.

    `fingerprint` is that of the address that this is about, empty if none was used yet.
    """

    state: str
    last_answer: str
    messages: int
    repeats: int
    fingerprint: str
