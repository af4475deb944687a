"""Who is let in, before any view runs: a key's scopes, then its rate."""

import time
from typing import Final

from flask import Flask, Response, g, request
from werkzeug.exceptions import TooManyRequests

from kumo.api import unchecked
from kumo.api.rates import Rates
from kumo.domain.access import Scope
from kumo.engine import access
from kumo.services import Services

# What anybody may see: that the service is there, whether it is well, and how it is used.
OPEN: Final = frozenset({"health.root", "health.alive", "health.ready"})
OPEN_BLUEPRINTS: Final = frozenset({"docs", "dashboard"})
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
        limit = services.settings.rate_limit
        self._rates = Rates(limit, services.jobs.broker.connection_pool) if limit else None

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
        if self._rates is not None:
            _count(self._rates, key.name)


def _count(rates: Rates, name: str) -> None:
    rate = rates.spend(name)
    g.rate = {"Limit": rates.limit, "Remaining": rate.remaining, "Reset": rate.reset}
    if not rate.within:
        raise TooManyRequests(f"This key may make {rates.limit} requests a minute.", retry_after=max(1, rate.reset))


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
