"""Access control before any view: host name and origin of a request, then the scopes and the rate of its key."""

import time
from typing import Final

import redis
from flask import Flask, Response, g, request
from werkzeug.exceptions import TooManyRequests

from kumo.api.callers import Callers
from kumo.domain.access import KeyScope
from kumo.engine.ops import access
from kumo.engine.ops.rates import Rates
from kumo.errors import CrossSiteError, ForbiddenError, MisdirectedError
from kumo.services import Services

# Public endpoints: that the service exists, its health, and its documentation.
PROBES: Final = frozenset({"health.alive", "health.ready"})
OPEN: Final = frozenset({"health.root", *PROBES})
OPEN_BLUEPRINTS: Final = frozenset({"docs", "dashboard"})
# Endpoints whose POST brings costs: single ones, batches and bills.
TAKING_IN: Final = frozenset({"ingest", "imports"})
READING: Final = frozenset({"GET", "HEAD"})
HARMLESS: Final = frozenset({*READING, "OPTIONS"})
# Whether a key has ever existed is read from the store once a second, not at each request.
KEYED_SECONDS: Final = 1.0
MAX_SHOWN: Final = 100


def register(app: Flask, services: Services) -> None:
    """Require a key where one is needed, and limit the rate of each key.

    Raises `SettingsError` if the service would be open to other machines.
    """
    access.refuse_to_stand_open(services)
    door = _Door(services)
    app.before_request(door.admit)
    app.after_request(_tell_rate)


def scope_of(endpoint: str | None, method: str) -> KeyScope | None:
    """Return the scope that a request needs; None if it needs no key or matches no endpoint."""
    blueprint = (endpoint or "").partition(".")[0]
    if endpoint is None or endpoint in OPEN or blueprint in OPEN_BLUEPRINTS or method == "OPTIONS":
        return None
    if method in READING:
        return KeyScope.READ
    return KeyScope.INGEST if method == "POST" and blueprint in TAKING_IN else KeyScope.ADMIN


def key_name() -> str:
    """Return the name of the key of this request, empty if it needed none."""
    return str(g.get("key_name", ""))


class _Door:
    """Checks requests, and counts those of each key by the minute, for all web processes together."""

    def __init__(self, services: Services) -> None:
        """Use the broker's Redis for the counts, without connecting yet."""
        self._services = services
        self._callers = Callers(services.settings)
        self._found: tuple[float, bool] = (0.0, False)
        limit = services.settings.rate_limit
        self._rates = Rates(limit, services.jobs) if limit else None

    def admit(self) -> None:
        """Accept the request, or raise the reason for its refusal."""
        # Probes call each process by its address.
        if request.endpoint in PROBES:
            return
        scope = scope_of(request.endpoint, request.method)
        self._refuse_name(scope)
        self._refuse_page()
        if scope is None:
            return
        bearer = _bearer()
        if bearer is None and self._is_open():
            return
        try:
            key = access.admit(self._services, bearer, scope)
        except ForbiddenError as error:
            g.key_name = error.key_name
            raise
        if key is None:
            return
        g.key_name = key.name
        if self._rates is not None:
            _count(self._rates, key.name)

    def _refuse_name(self, scope: KeyScope | None) -> None:
        """Raise `MisdirectedError` if the host name of the request is not one of the service."""
        host = request.environ.get("HTTP_HOST", "")
        if self._callers.knows_name(host):
            return
        try:
            refused = bool(self._services.settings.allowed_hosts) or self._is_open()
        except redis.RedisError:
            if scope is not None:
                raise
            return  # the check is impossible, and an endpoint without a key shows nothing of the store
        if refused:
            raise MisdirectedError(
                f"{host[:MAX_SHOWN]!r} is not a host name of this service; to accept it, add it to KUMO_ALLOWED_HOSTS."
            )

    def _refuse_page(self) -> None:
        """Raise `CrossSiteError` if a browser sends the request for a page that may not write, or not even read."""
        origin, host = request.environ.get("HTTP_ORIGIN"), request.environ.get("HTTP_HOST", "")
        writes = request.method not in HARMLESS
        if origin is None and not writes:
            return
        callers, strange = self._callers, origin is not None and not self._callers.is_own(origin, host)
        if origin is not None and callers.is_listed(origin):
            return
        if strange and callers.lists_any:
            if not self._is_open():
                return
            raise CrossSiteError("KUMO_CORS_ORIGINS is *, which needs an API key; list the origins, or add a key.")
        if writes and (strange or request.environ.get("HTTP_SEC_FETCH_SITE") == "cross-site"):
            raise CrossSiteError(
                "A page of another origin may not write; to allow it, add it to KUMO_CORS_ORIGINS. If it is this"
                " service's own page behind a proxy, set KUMO_PUBLIC_URL to its address."
            )

    def _is_open(self) -> bool:
        """Return whether no key is needed; at most a second old, and constant for one request."""
        if "is_open" not in g:
            at, is_open = self._found
            if time.monotonic() >= at:
                is_open = access.is_open(self._services)
                self._found = time.monotonic() + KEYED_SECONDS, is_open
            g.is_open = is_open
        return bool(g.is_open)


def _count(rates: Rates, name: str) -> None:
    rate = rates.spend(name)
    if rate is None:
        return
    g.rate = {"Limit": rates.limit, "Remaining": rate.remaining, "Reset": rate.reset}
    if not rate.within:
        raise TooManyRequests(f"This key may make {rates.limit} requests a minute.", retry_after=max(1, rate.reset))


def _bearer() -> str | None:
    """Return the bearer token of the request; None without authorization, empty for another kind of it."""
    if "Authorization" not in request.headers:
        return None
    given = request.authorization
    return given.token or "" if given and given.type == "bearer" else ""


def _tell_rate(response: Response) -> Response:
    for name, value in g.get("rate", {}).items():
        response.headers[f"RateLimit-{name}"] = str(value)
    return response
