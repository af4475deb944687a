"""Requests counted by route and status, and how long they took, for all web processes together.

A process counts in memory and adds that to the broker's counts a second later, so a request waits for nothing and a
scrape of any process sees all of them, also those of processes that are gone. One that is killed takes at most its last
second with it; where Redis breaks off in the middle, a second may count twice.
"""

import atexit
import logging
import re
import time
from bisect import bisect_left
from functools import cache
from threading import Lock, Timer
from typing import Final

import redis
from flask import Flask, Response, g, request

from kumo.domain.measures import RequestCount, Served
from kumo.engine.queries import metrics
from kumo.services import Services

EVERY_SECONDS: Final = 1.0
BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LE: Final = (*(f"{bound:g}" for bound in BOUNDS), "+Inf")
# What a sender makes up must not become a label of its own.
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
OTHER: Final = "other"
UNKNOWN: Final = "unknown"
NONE: Final = RequestCount(0, 0)
EXTENSION: Final = "kumo.traffic"

_log = logging.getLogger(__name__)


def register(app: Flask, services: Services) -> None:
    """Count every request. To be called before whatever else looks at requests: the count then holds its time too."""
    counting = RequestCounter(services)
    app.extensions[EXTENSION] = counting
    app.before_request(_begin)
    app.after_request(counting.end)


@cache  # no larger than the application's rules
def template(rule: str) -> str:
    """Return a rule of Flask's as the documents write it: /costs/{cost_id}."""
    return re.sub(r"<(?:[^:<>]*:)?([^<>]*)>", r"{\1}", rule)


def _begin() -> None:
    g.begun = time.perf_counter()


class RequestCounter:
    """The requests of this process that are not among the broker's counts yet."""

    def __init__(self, services: Services) -> None:
        """Connect to nothing yet."""
        self._services = services
        self._served: dict[Served, RequestCount] = {}
        self._timer: Timer | None = None
        self._lock = Lock()
        atexit.register(self.close)

    def end(self, response: Response) -> Response:
        """Count the request that this answers; under an unknown path or method all are one."""
        took = time.perf_counter() - g.begun
        method, rule = request.method, request.url_rule
        method = method if method in METHODS else OTHER
        route = template(rule.rule) if rule else UNKNOWN
        self._count(Served(method, response.status_code, LE[bisect_left(BOUNDS, took)], route), int(took * 1e6))
        return response

    def _count(self, row: Served, micros: int) -> None:
        with self._lock:
            before = self._served.get(row, NONE)
            self._served[row] = RequestCount(before.requests + 1, before.micros + micros)
            if self._timer is None:
                self._timer = Timer(EVERY_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Add what was counted since the last time to the broker's counts; what it refuses is kept for the next."""
        with self._lock:
            self._timer, served, self._served = None, self._served, {}
        try:
            if served:
                metrics.add_requests(self._services, served)
        except redis.RedisError as error:
            _log.debug("Requests could not be counted now (%s).", type(error).__name__)
            self._take_back(served)

    def _take_back(self, served: dict[Served, RequestCount]) -> None:
        with self._lock:
            for row, spent in served.items():
                since = self._served.get(row, NONE)
                self._served[row] = RequestCount(since.requests + spent.requests, since.micros + spent.micros)

    def close(self) -> None:
        """Add what is left, as the process ends in good order."""
        atexit.unregister(self.close)
        if self._timer is not None:
            self._timer.cancel()
        self.flush()
