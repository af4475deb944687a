"""What is measured of the service itself, for Prometheus."""

from typing import Final, NamedTuple

BOUNDS_MS: Final = (250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000)


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


class Totals(NamedTuple):
    """`arrivals` and `judged` count since the beginning, also through restores; the rest is what there is now."""

    arrivals: int
    judged: int
    series: int
    open_anomalies: int
    anomalies: int
    alerts: int
    due: int


class InState(NamedTuple):
    """How many alerts are in a state, and how many seconds ago the oldest of them was raised, 0 where there is none."""

    alerts: int
    oldest: float


class DeliveryTimes(NamedTuple):
    """How many alerts were sent within each of BOUNDS_MS, how many in all, and the seconds of all together."""

    within: tuple[int, ...]
    sent: int
    seconds: float


class Destination(NamedTuple):
    """What is known of a destination: on or off, its last answer, messages sent, alerts that may have arrived twice.

    `fingerprint` is that of the address which this is known of, empty where none was ever used.
    """

    state: str
    last_answer: str
    messages: int
    repeats: int
    fingerprint: str
