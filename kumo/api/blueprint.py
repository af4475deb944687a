"""flask-smorest's blueprint with strict parsing, refusals documented by status, and the services of the application."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import flask_smorest
from apispec import APISpec
from flask import Request, current_app, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from kumo.api import bodies
from kumo.api.access import scope_of
from kumo.api.problems import MIMETYPE
from kumo.api.schemas.entries import EntrySchema
from kumo.api.schemas.fields import AnswerSchema
from kumo.api.schemas.problem import ProblemSchema
from kumo.errors import InvalidQueryError
from kumo.services import Services

BEARER: Final = "bearerAuth"
EXTENSION: Final = "kumo"
_CHECKED: Final = "kumo.layout"

View = TypeVar("View", bound=Callable[..., Any])

# For each status: its meaning, and the detail of its example.
REFUSALS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("The body cannot be read.", "The body is not JSON: Expecting value at line 1, column 12."),
    401: (
        "The API key is missing, unknown or revoked.",
        "Send an API key: Authorization: Bearer kumo_…",
    ),
    403: (
        "The API key lacks the needed scope, or the request comes from a page of another origin.",
        "This API key lacks the scope admin.",
    ),
    404: ("It does not exist.", "There is no cost '5woeftbt6mygcc7u-00000000ff'."),
    408: ("The body came too slowly.", "The body came too slowly."),
    409: (
        "The external_id has another timestamp, or a request with this Idempotency-Key, or this import, is running.",
        "This external_id is known with another timestamp.",
    ),
    412: (
        "If-Match or If-None-Match does not match.",
        "The policy has changed since it was read: get it again.",
    ),
    413: ("The body is too large.", "The data value transmitted exceeds the capacity limit."),
    415: ("The content type is wrong.", "Send the entry as application/json."),
    421: (
        "The Host header is not a name of this service.",
        "'kumo.example' is not a host name of this service; to accept it, add it to KUMO_ALLOWED_HOSTS.",
    ),
    422: ("A field, parameter or header is wrong.", "amount: must be a finite number"),
    429: (
        "The key made too many requests this minute, or too many bytes wait to be imported.",
        "This key may make 6000 requests a minute.",
    ),
    500: ("A fault of the service.", "This is a fault of the service; its log has the details."),
    503: (
        "The store cannot be used now.",
        "The store cannot be reached or accepts no writes. Repeating with an Idempotency-Key is safe.",
    ),
    507: (
        "The disk of the service is full.",
        "The service has no room for this now (No space left on device). Send it again later.",
    ),
}
# Possible answers of every endpoint that needs a key.
ALWAYS: Final = (401, 403, 421, 429, 500, 503)


def _header(description: str, kind: str, example: object) -> dict[str, object]:
    return {"description": description, "schema": {"type": kind, "examples": [example]}}


_RETRY_AFTER: Final = _header("Seconds to wait before the next try.", "integer", 1)
_HEADERS: Final[Mapping[int, Mapping[str, object]]] = {
    401: {"WWW-Authenticate": _header("The accepted scheme of authorization.", "string", "Bearer")},
    429: {
        "RateLimit-Limit": _header("Requests a minute for this key.", "integer", 6000),
        "RateLimit-Remaining": _header("Remaining requests in this minute.", "integer", 0),
        "RateLimit-Reset": _header("Seconds until the limit is reset.", "integer", 42),
        "Retry-After": _RETRY_AFTER,
    },
    503: {"Retry-After": _RETRY_AFTER},
    507: {"Retry-After": _RETRY_AFTER},
}


class Parser(FlaskParser):
    """Parses entries by the domain's table of fields, and refuses unknown and repeated parameters."""

    # Declared as in webargs.
    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012

    def parse(
        self,
        argmap: Any,  # noqa: ANN401 - webargs' signature
        req: Request | None = None,
        *,
        location: str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Parse a part of the request; the body of an entry schema is one entry, or several for a `many` schema."""
        if location != "json":
            return super().parse(argmap, req, location=location, **options)
        if not isinstance(argmap, EntrySchema):
            return bodies.load_body(request, argmap)
        read = bodies.entries if argmap.many else bodies.entry
        return read(request, services().clock())

    def load_querystring(self, req: Request, schema: Schema) -> dict[str, str]:  # noqa: ARG002
        """Return the parameters; each may be given only once."""
        repeated = [name for name, values in req.args.lists() if len(values) > 1]
        if repeated:
            raise ValidationError({name: ["must be given once"] for name in repeated})
        return req.args.to_dict()

    def handle_error(self, error: ValidationError, *_: object, **__: object) -> NoReturn:
        """Name each wrong parameter or header."""
        [location] = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow gives none
        raise InvalidQueryError(bodies.name_fields(error, location))


class Blueprint(flask_smorest.Blueprint):
    """A group of endpoints."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Flask's signature
        """Also document the scope that each operation needs."""
        super().__init__(*args, **options)
        self._prepare_doc_cbks.append(self._key_doc)

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """Document the statuses with which an endpoint refuses, in addition to those of every endpoint with a key."""

        def decorate(view: View) -> View:
            # Written into the document directly: `alt_response` would wrap the view once for each status.
            about = view.__dict__.setdefault("_apidoc", {}).setdefault("response", {}).setdefault("responses", {})
            about |= {status: [*about.get(status, []), f"Problem{status}"] for status in (*statuses, *ALWAYS)}
            return view

        return decorate

    def _key_doc(self, doc: dict[str, Any], *_: object, method: str, **__: object) -> dict[str, Any]:
        """Name the scope of an operation that may answer 401."""
        if str(HTTPStatus.UNAUTHORIZED.value) not in map(str, doc["responses"]):
            return doc
        return doc | {"security": [{BEARER: [str(scope_of(f"{self.name}.", method.upper()))]}]}


def identify(name: str, schema: type[AnswerSchema]) -> list[dict[str, object]]:
    """Document the id in a path, with the id of the schema's example."""
    example = schema.example()["id"]
    return [{"in": "path", "name": name, "schema": {"type": "string"}, "example": example}]


def document_keys(spec: APISpec) -> None:
    """Document how a request sends its key."""
    about = "Create it with `python -m kumo keys add NAME --scope S`. Scopes: `ingest`, `read`, `admin` (everything)."
    spec.components.security_scheme(BEARER, {"type": "http", "scheme": "bearer", "description": about})


def document_refusals(spec: APISpec) -> None:
    """Add a response for each status of REFUSALS to the document's components, and one for 304."""
    spec.components.response("Unchanged", {"description": "Not changed since the client received this ETag."})
    for status, (description, detail) in REFUSALS.items():
        example = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        content = {MIMETYPE: {"schema": ProblemSchema, "example": example}}
        response: dict[str, Any] = {"description": description, "content": content}
        if status in _HEADERS:
            response["headers"] = _HEADERS[status]
        spec.components.response(f"Problem{status}", response)


def peek_services() -> Services:
    """Return the services of this application, without access to the store."""
    built: Services = current_app.extensions[EXTENSION]
    return built


def services() -> Services:
    """Return the services, after a check that this code may use the store.

    Raises `StoreUnsafeError`: with another layout or number of partitions, writes would corrupt the store.
    """
    built = peek_services()
    if _CHECKED not in current_app.extensions:
        built.check_layout()
        current_app.extensions[_CHECKED] = True
    return built
