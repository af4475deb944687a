"""Who is let in, before any view runs: a key's scopes, then its rate."""

import time
from typing import Final

from flask import Flask, Response, g, request
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from kumo.api import unchecked
from kumo.domain.access import Scope
from kumo.engine import access
from kumo.services import Services
from kumo.store import keys

# What anybody may see: that the service is there, whether it is well, and how it is used.
OPEN: Final = frozenset({"health.root", "health.alive", "health.ready"})
OPEN_BLUEPRINTS: Final = frozenset({"docs"})
# Where POST brings costs, be it one or a bill.
TAKING_IN: Final = frozenset({"ingest", "imports"})
# That there is no key yet is asked of the store once a second, not at each request.
OPEN_SECONDS: Final = 1.0


def register(app: Flask, services: Services) -> None:
    """Ask for a key where one is needed, and hold each key to its rate.

    Raises `SettingsError` where the service would be open to more than this machine.
    """
    access.refuse_to_stand_open(services)
    door = _Door(services)
    app.before_request(door.admit)
    app.after_request(_tell_rate)


def scope_of(endpoint: str | None, method: str) -> Scope | None:
    """Return the scope that a request needs; None where it needs no key, or leads nowhere."""
    blueprint = (endpoint or "").partition(".")[0]
    if endpoint is None or endpoint in OPEN or blueprint in OPEN_BLUEPRINTS or method == "OPTIONS":
        return None
    if method in {"GET", "HEAD"}:
        return Scope.READ
    return Scope.INGEST if method == "POST" and blueprint in TAKING_IN else Scope.ADMIN


def key_name() -> str:
    """Return the name of the key that this request came with, empty where it needed none."""
    return str(g.get("key_name", ""))


class _Door:
    """Lets requests in, and counts those of each key by the minute, for all web processes together."""

    def __init__(self, services: Services) -> None:
        """Count in the broker's Redis; nothing is asked of it yet."""
        self._open_until = 0.0
        self._rate = RateLimitItemPerMinute(services.settings.rate_limit) if services.settings.rate_limit else None
        pool = services.jobs.broker.connection_pool
        self._limiter = FixedWindowRateLimiter(RedisStorage("redis://", connection_pool=pool, key_prefix=keys.RATE))

    def admit(self) -> None:
        """Let the request in, or raise why not."""
        scope = scope_of(request.endpoint, request.method)
        if scope is None:
            return
        bearer = _bearer()
        if bearer is None and time.monotonic() < self._open_until:
            return
        key = access.admit(unchecked(), bearer, scope)
        if key is None:
            self._open_until = time.monotonic() + OPEN_SECONDS
            return
        g.key_name = key.name
        if self._rate is not None:
            self._count(self._rate, key.name)

    def _count(self, rate: RateLimitItemPerMinute, name: str) -> None:
        taken = self._limiter.hit(rate, name)
        stats = self._limiter.get_window_stats(rate, name)
        reset = max(0, int(stats.reset_time) + 1 - int(time.time()))
        g.rate = {"Limit": rate.amount, "Remaining": max(0, stats.remaining), "Reset": reset}
        if not taken:
            raise TooManyRequests(f"This key may make {rate.amount} requests a minute.", retry_after=max(1, reset))


def _bearer() -> str | None:
    """Return the bearer token of the request; None where it names no authorization, empty where one of another kind."""
    if "Authorization" not in request.headers:
        return None
    given = request.authorization
    return given.token or "" if given and given.type == "bearer" else ""


def _tell_rate(response: Response) -> Response:
    for name, value in g.get("rate", {}).items():
        response.headers[f"RateLimit-{name}"] = str(value)
    return response
