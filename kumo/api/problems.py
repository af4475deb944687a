"""Refusals over HTTP: one table from errors to statuses, one format for all (RFC 9457)."""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import redis
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from kumo import faults, outages
from kumo.api import telemetry
from kumo.errors import (
    ConflictError,
    CrossSiteError,
    FieldError,
    ForbiddenError,
    IdempotencyError,
    InvalidBodyError,
    InvalidQueryError,
    KumoError,
    MisdirectedError,
    NoRoomError,
    NotFoundError,
    PreconditionError,
    SettingsError,
    StoreUnavailableError,
    StoreUnsafeError,
    UnauthenticatedError,
)

STATUS: Final[Mapping[type[KumoError], int]] = {
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    CrossSiteError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    PreconditionError: 412,
    MisdirectedError: 421,
    InvalidBodyError: 422,
    InvalidQueryError: 422,
    IdempotencyError: 422,
    NoRoomError: 429,
    SettingsError: 500,
    StoreUnavailableError: 503,
    StoreUnsafeError: 503,
}
MIMETYPE: Final = "application/problem+json"
MAX_ERRORS: Final = 100
# A disk may have room again after this time.
RETRY_SECONDS: Final = 30
MAX_SHOWN: Final = 200

_log = logging.getLogger(__name__)


def problem(status: int, detail: str, **members: object) -> Response:
    """Build a problem document; `members` that are not empty are added."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **{name: value for name, value in members.items() if value},
        "request_id": telemetry.find_request_id(),
    }
    return Response(current_app.json.dumps(document), status=status, mimetype=MIMETYPE)


def register(app: Flask) -> None:
    """Answer every error with a problem document, including those of Flask and flask-smorest."""
    app.register_error_handler(KumoError, _refuse)
    app.register_error_handler(redis.RedisError, _store_failed)
    app.register_error_handler(OSError, _machine_failed)
    app.register_error_handler(MemoryError, _machine_failed)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _refuse(error: KumoError) -> Response:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _bug(error)
    errors = getattr(error, "errors", [])
    pointing = isinstance(error, InvalidBodyError)
    response = problem(status, _detail(error, errors), errors=_errors(errors, pointing=pointing))
    if isinstance(error, (StoreUnavailableError, NoRoomError)):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, UnauthenticatedError):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _store_failed(error: redis.RedisError) -> Response:
    passing = outages.unavailable(error)
    if passing is None:
        return _bug(error)
    _log.warning("%s %s: %s", request.method, request.path, type(error).__name__)
    return _refuse(passing)


def _machine_failed(error: OSError | MemoryError) -> Response:
    if not faults.is_passing(error):
        return _bug(error)
    _log.error("%s %s: %s", request.method, request.path, error)
    status = HTTPStatus.INSUFFICIENT_STORAGE if faults.is_full(error) else HTTPStatus.SERVICE_UNAVAILABLE
    response = problem(status, f"The service has no room for this now ({faults.describe(error)}). Send it again later.")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    errors = _errors(getattr(error, "errors", []), pointing=True)
    response = problem(error.code, error.description or "", errors=errors)
    kept = (row for row in error.get_headers() if row[0].lower() != "content-type")
    response.headers.extend(list(kept))
    return response


def _bug(error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, "This is a fault of the service; its log has the details.")


def _detail(error: KumoError, errors: list[FieldError]) -> str:
    if not errors:
        return str(error)
    more = len(errors) - 1
    return str(_short(errors[0])) + (f" (and {more} more)" if more else "")


def _errors(errors: Iterable[FieldError], *, pointing: bool) -> list[dict[str, object]]:
    """Show the first errors; those of a body with a pointer into it."""
    return [
        {
            "field": error.field,
            "detail": error.detail,
            **({} if error.index is None else {"index": error.index}),
            **({"pointer": _pointer(error)} if pointing else {}),
        }
        for error in map(_short, list(errors)[:MAX_ERRORS])
    ]


def _short(error: FieldError) -> FieldError:
    """Shorten the name of an unknown field, which the sender may have made very long."""
    return FieldError(error.field[:MAX_SHOWN], error.detail, error.index)


def _pointer(error: FieldError) -> str:
    """Return a pointer into the body (RFC 6901, as a URI fragment): #/3/amount."""
    field = error.field.replace("~", "~0").replace("/", "~1")
    parts = [] if error.index is None else [str(error.index)]
    parts += [quote(field, safe="~", errors="replace")] if field else []
    return "#" + "".join(f"/{part}" for part in parts)
