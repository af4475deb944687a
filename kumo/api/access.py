"""Who is let in, before any view runs: a key's scopes, then its rate."""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, request
from flask_limiter import Limiter

from kumo.api import unchecked
from kumo.domain.access import Scope
from kumo.engine import access
from kumo.services import Services
from kumo.store import keys

# What anybody may see: that the service is there, whether it is well, and how it is used.
OPEN: Final = frozenset({"health.root", "health.alive", "health.ready"})
OPEN_BLUEPRINTS: Final = frozenset({"docs"})


def register(app: Flask, services: Services) -> None:
    """Ask for a key where one is needed, and hold each key to its rate.

    Raises `SettingsError` where the service would be open to more than this machine.
    """
    access.refuse_to_stand_open(services)
    app.before_request(_admit)
    if services.settings.rate_limit:
        _limit(app, services)


def scope_of(endpoint: str | None, method: str) -> Scope | None:
    """Return the scope that a request needs; None where it needs no key, or leads nowhere."""
    blueprint = (endpoint or "").partition(".")[0]
    if endpoint is None or endpoint in OPEN or blueprint in OPEN_BLUEPRINTS or method == "OPTIONS":
        return None
    if method in {"GET", "HEAD"}:
        return Scope.READ
    return Scope.INGEST if blueprint == "ingest" else Scope.ADMIN


def key_name() -> str:
    """Return the name of the key that this request came with, empty where it needed none."""
    return str(g.get("key_name", ""))


def _admit() -> None:
    scope = scope_of(request.endpoint, request.method)
    if scope is None:
        return
    authorization = request.authorization
    bearer = None
    if "Authorization" in request.headers:
        bearer = authorization.token or "" if authorization and authorization.type == "bearer" else ""
    key = access.admit(unchecked(), bearer, scope)
    if key is not None:
        g.key_name = key.name


def _limit(app: Flask, services: Services) -> None:
    """Count the requests of each key by the minute, in the broker's Redis, for all web processes together."""
    limiter = Limiter(
        key_name,
        app=app,
        application_limits=[f"{services.settings.rate_limit} per minute"],
        application_limits_exempt_when=lambda: not key_name(),
        storage_uri="redis://",
        storage_options={"connection_pool": services.jobs.broker.connection_pool, "key_prefix": keys.RATE},
    )

    @app.after_request
    def say(response: Response) -> Response:
        # Not by flask-limiter's own headers: they put Retry-After on answers that need none, and the reset as a date.
        limit = limiter.current_limit
        if limit is not None:
            reset = max(0, limit.reset_at - services.clock() // 1000)
            response.headers["RateLimit-Limit"] = str(limit.limit.amount)
            response.headers["RateLimit-Remaining"] = str(max(0, limit.remaining))
            response.headers["RateLimit-Reset"] = str(reset)
            if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                response.headers["Retry-After"] = str(max(1, reset))
        return response
