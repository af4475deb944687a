"""What is recorded for each request: its id, a log line if it writes, and its duration.

The id is that of the request, or a new one. It is in the answer, in problem documents and in log lines.

Each request that may change something gets a line in the audit log, except single costs:

    … INFO kumo.audit [3f1c2e805d0b4a77]: key=finops from=10.0.0.5 PUT /policies/prod: 200

The line contains the name of the key, never its secret; the path, and the address of a new object; and no amounts.

Requests are counted by route and status for all web processes together. A process counts in memory and adds its counts
to the broker's a second later, so no request waits for that, and a scrape of any process sees the requests of all,
also of processes that have ended. A killed process loses at most its last second. If Redis fails in the middle, a
second may count twice.
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
from flask import Flask, Response, g, has_request_context, request

from kumo import logs
from kumo.api.access import HARMLESS, key_name
from kumo.domain.measures import RequestCount, Served
from kumo.engine.queries import metrics
from kumo.services import Services

REQUEST_ID: Final = "X-Request-Id"
# Ids of this form come from proxies. Other text could be long, or fake something in a log.
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._:=+/-]{1,64}")
EVERY_SECONDS: Final = 1.0
BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LE: Final = (*(f"{bound:g}" for bound in BOUNDS), "+Inf")
# Text from a client must not become a label.
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
OTHER: Final = "other"
UNKNOWN: Final = "unknown"
NONE: Final = RequestCount(0, 0)
EXTENSION: Final = "kumo.traffic"
# A line for each cost would hide the others; costs are counted by key.
NOT_LOGGED: Final = frozenset({"ingest"})
MAX_SHOWN: Final = 200

_log = logging.getLogger(__name__)
_audit_log = logging.getLogger(logs.AUDIT)


def register(app: Flask, services: Services) -> None:
    """Record each request. Call this before anything that may refuse a request, so that the duration includes it."""
    counter = RequestCounter(services)
    app.extensions[EXTENSION] = counter

    def begin() -> None:
        g.begun = time.perf_counter()
        given = request.environ.get("HTTP_X_REQUEST_ID", "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else services.token()

    def end(response: Response) -> Response:
        response.headers[REQUEST_ID] = find_request_id()
        _log_write(response)
        counter.end(response)
        return response

    app.before_request(begin)
    app.after_request(end)


def find_request_id() -> str:
    """Return the id of the current request, or an empty text."""
    return str(g.get("request_id", "")) if has_request_context() else ""


def _log_write(response: Response) -> None:
    blueprint = (request.endpoint or "").partition(".")[0]
    if request.method in HARMLESS or not blueprint or blueprint in NOT_LOGGED:
        return
    made = response.headers.get("Location", "")
    _audit_log.info(
        "key=%s from=%s %s %s%s: %d",
        key_name() or "none",
        request.remote_addr,
        request.method,
        request.path[:MAX_SHOWN],
        f" -> {made}" if made else "",
        response.status_code,
    )


@cache  # at most one entry for each rule of the application
def template(rule: str) -> str:
    """Convert a rule of Flask to the form in the documents: /costs/{cost_id}."""
    return re.sub(r"<(?:[^:<>]*:)?([^<>]*)>", r"{\1}", rule)


class RequestCounter:
    """The requests of this process that are not in the broker's counts yet."""

    def __init__(self, services: Services) -> None:
        """Create without connecting."""
        self._services = services
        self._served: dict[Served, RequestCount] = {}
        self._timer: Timer | None = None
        self._lock = Lock()
        atexit.register(self.close)

    def end(self, response: Response) -> None:
        """Count the request of this response; unknown paths and methods share one label."""
        took = time.perf_counter() - g.begun
        method, rule = request.method, request.url_rule
        method = method if method in METHODS else OTHER
        route = template(rule.rule) if rule else UNKNOWN
        self._count(Served(method, response.status_code, LE[bisect_left(BOUNDS, took)], route), int(took * 1e6))

    def _count(self, row: Served, micros: int) -> None:
        with self._lock:
            before = self._served.get(row, NONE)
            self._served[row] = RequestCount(before.requests + 1, before.micros + micros)
            if self._timer is None:
                self._timer = Timer(EVERY_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Add the new counts to the broker's; keep them for the next time if it fails."""
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
        """Add the rest when the process ends."""
        atexit.unregister(self.close)
        if self._timer is not None:
            self._timer.cancel()
        self.flush()
