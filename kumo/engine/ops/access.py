"""API keys: issuing, revoking and checking."""

import secrets
from collections.abc import Collection
from typing import Final

import redis

from kumo.domain import access
from kumo.domain.access import ApiKey, KeyScope
from kumo.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidQueryError,
    NotFoundError,
    SettingsError,
    UnauthenticatedError,
)
from kumo.kinds import ANY_ORIGIN, is_loopback
from kumo.services import Services
from kumo.store import api_keys

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SECRET_LENGTH: Final = 43  # 256 bits


def issue(services: Services, name: str, scopes: Collection[str]) -> str:
    """Create a key and return its token, which is shown only this once.

    Raises `InvalidQueryError` for a wrong name or scope, `ConflictError` if the name is taken.
    """
    try:
        parsed, allowed = access.parse_name(name), access.parse_scopes(scopes)
    except ValueError as error:
        raise InvalidQueryError([FieldError("key", str(error))]) from None
    secret = "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    key = ApiKey(name=parsed, scopes=allowed, digest=access.digest(secret), created_at=services.clock())
    if not api_keys.add(services.store, key):
        raise ConflictError(f"There is already a key named {name}: revoke it first.")
    return access.token(name, secret)


def revoke(services: Services, name: str) -> None:
    """Revoke a key at once; raise `NotFoundError`."""
    if not api_keys.revoke(services.store, name):
        raise NotFoundError(f"There is no key named {name}.")


def list_keys(services: Services) -> list[ApiKey]:
    """Return all keys."""
    return api_keys.list_keys(services.store)


def is_open(services: Services) -> bool:
    """Return whether no key is needed: no key has ever existed, and only this machine can connect."""
    if services.settings.auth == "off":
        return True
    return is_loopback(services.settings.host) and not api_keys.has_had_key(services.store)


def refuse_to_stand_open(services: Services) -> None:
    """Raise `SettingsError` if there is no key, and other machines, or any web page, could connect.

    If Redis does not answer, this is unknown. Then the service starts and checks each request.
    """
    host, others = services.settings.host, not is_loopback(services.settings.host)
    if services.settings.auth == "off" or not (others or ANY_ORIGIN in services.settings.cors_origins):
        return
    try:
        if api_keys.has_had_key(services.store):
            return
    except redis.RedisError:
        return
    reason, way_out = (
        (f"KUMO_HOST is {host}, which other machines can reach", "set KUMO_AUTH=off")
        if others
        else (f"KUMO_CORS_ORIGINS is {ANY_ORIGIN}, which lets every web page in", "list the origins")
    )
    raise SettingsError(
        f"{reason}, and there is no API key: add one with `python -m kumo keys add NAME --scope S`, or {way_out}."
    )


def admit(services: Services, bearer: str | None, scope: KeyScope) -> ApiKey | None:
    """Check a request with this bearer token against a scope; return its key, None if none is needed.

    Raises `UnauthenticatedError` without a valid key, `ForbiddenError` if the key lacks the scope.
    """
    if services.settings.auth == "off":
        return None
    if bearer is None:
        if is_open(services):
            return None
        raise UnauthenticatedError("Send an API key: Authorization: Bearer kumo_…")
    found = access.parse_token(bearer)
    key = api_keys.find(services.store, found[0]) if found else None
    if found is None or key is None or not key.matches(found[1]):
        raise UnauthenticatedError("This API key is unknown or revoked.")
    if not key.allows(scope):
        raise ForbiddenError(f"This API key lacks the scope {scope}.", key.name)
    return key
