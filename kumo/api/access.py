"""Who is let in, before any view runs: a key's scopes, then its rate."""

from typing import Final

from flask import Flask, g, request
from flask_limiter import HeaderNames, Limiter

from kumo.api import unchecked
from kumo.domain.access import Scope
from kumo.engine import access
from kumo.services import Services

# What anybody may see: that the service is there, whether it is well, and how it is used.
OPEN: Final = frozenset({"health.root", "health.alive", "health.ready"})
OPEN_BLUEPRINTS: Final = frozenset({"docs"})
LIMIT_HEADERS: Final = {
    HeaderNames.LIMIT: "RateLimit-Limit",
    HeaderNames.REMAINING: "RateLimit-Remaining",
    HeaderNames.RESET: "RateLimit-Reset",
}


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
    Limiter(
        key_name,
        app=app,
        application_limits=[f"{services.settings.rate_limit} per minute"],
        application_limits_exempt_when=lambda: not key_name(),
        headers_enabled=True,
        header_name_mapping=LIMIT_HEADERS,
        retry_after="delta-seconds",
        storage_uri="redis://",
        storage_options={
            "connection_pool": services.jobs.broker.connection_pool,
            "key_prefix": "kumo:rate",
        },
    )
