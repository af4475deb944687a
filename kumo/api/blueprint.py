"""flask-smorest's blueprint, with requests read strictly and refusals documented by status."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import flask_smorest
from apispec import APISpec
from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from kumo.api import bodies, services
from kumo.api.access import scope_of
from kumo.api.problems import MIMETYPE
from kumo.api.schemas.entries import EntrySchema
from kumo.api.schemas.fields import AnswerSchema
from kumo.api.schemas.problem import ProblemSchema
from kumo.errors import InvalidQueryError

BEARER: Final = "bearerAuth"

View = TypeVar("View", bound=Callable[..., Any])

# Per status: what it means, and the detail of its example.
REFUSALS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("The body cannot be read.", "The body is not JSON: Expecting value at line 1, column 12."),
    401: (
        "There is no API key, or one that is unknown or revoked.",
        "Send an API key: Authorization: Bearer kumo_…",
    ),
    403: (
        "The API key lacks the scope that this needs, or a page of another origin asks.",
        "This API key lacks the scope admin.",
    ),
    404: ("There is no such thing.", "There is no cost '5woeftbt6mygcc7u-00000000ff'."),
    408: ("The body came too slowly.", "The body came too slowly."),
    409: (
        "The external_id is known with another timestamp, or the Idempotency-Key or the import is being worked on.",
        "This external_id is known with another timestamp.",
    ),
    412: (
        "It is not as If-Match or If-None-Match expects.",
        "The policy is not as this request expects: get it again.",
    ),
    413: ("The body is too large.", "The data value transmitted exceeds the capacity limit."),
    415: ("The content type is another.", "Send the entry as application/json."),
    421: (
        "The Host header is none of this service's names.",
        "This service is not called 'kumo.example': KUMO_ALLOWED_HOSTS may list that name.",
    ),
    422: ("A field, parameter or header is wrong.", "amount: must be a finite number"),
    429: (
        "The key made too many requests this minute, or too many bytes wait to be imported.",
        "This key may make 6000 requests a minute.",
    ),
    500: ("A fault of the service.", "This is a fault of the service; it is in its log."),
    503: (
        "The store cannot be used now.",
        "The store cannot be reached or takes no writes now. What has an Idempotency-Key can safely be sent again.",
    ),
    507: (
        "The disk of the service is full.",
        "The service has no room for this now (No space left on device). Send it again later.",
    ),
}
# What any endpoint behind a key may answer.
ALWAYS: Final = (401, 403, 421, 429, 500, 503)


def _header(description: str, kind: str, example: object) -> dict[str, object]:
    return {"description": description, "schema": {"type": kind, "examples": [example]}}


_RETRY_AFTER: Final = _header("Seconds after which another try makes sense.", "integer", 1)
_HEADERS: Final[Mapping[int, Mapping[str, object]]] = {
    401: {"WWW-Authenticate": _header("How to say who asks.", "string", "Bearer")},
    429: {
        "RateLimit-Limit": _header("Requests that the key has a minute.", "integer", 6000),
        "RateLimit-Remaining": _header("Those that are left of them.", "integer", 0),
        "RateLimit-Reset": _header("Seconds until all are there again.", "integer", 42),
        "Retry-After": _RETRY_AFTER,
    },
    503: {"Retry-After": _RETRY_AFTER},
    507: {"Retry-After": _RETRY_AFTER},
}


class Parser(FlaskParser):
    """Reads entries by the domain's table of fields, and refuses unknown and repeated parameters."""

    # As webargs declares it.
    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012

    def parse(
        self,
        argmap: Any,  # noqa: ANN401 - webargs' signature
        req: Request | None = None,
        *,
        location: str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Parse a location of the request; the body of an entry schema is one entry, or those of a `many` schema."""
        if location != "json":
            return super().parse(argmap, req, location=location, **options)
        if not isinstance(argmap, EntrySchema):
            return bodies.load_body(request, argmap)
        read = bodies.entries if argmap.many else bodies.entry
        return read(request, services().clock())

    def load_querystring(self, req: Request, schema: Schema) -> dict[str, str]:  # noqa: ARG002
        """Return the parameters, each of them given once."""
        repeated = [name for name, values in req.args.lists() if len(values) > 1]
        if repeated:
            raise ValidationError({name: ["must be given once"] for name in repeated})
        return req.args.to_dict()

    def handle_error(self, error: ValidationError, *_: object, **__: object) -> NoReturn:
        """Name each parameter or header that is wrong."""
        [location] = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow gives none
        raise InvalidQueryError(bodies.name_fields(error, location))


class Blueprint(flask_smorest.Blueprint):
    """A group of endpoints."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Flask's signature
        """Document, beside the rest, what key each operation asks for."""
        super().__init__(*args, **options)
        self._prepare_doc_cbks.append(self._key_doc)

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """Document the statuses with which an endpoint behind a key refuses, beside those that any may have."""

        def decorate(view: View) -> View:
            # Into the document directly: `alt_response` would wrap the view once for each status, at each request.
            about = view.__dict__.setdefault("_apidoc", {}).setdefault("response", {}).setdefault("responses", {})
            about |= {status: [*about.get(status, []), f"Problem{status}"] for status in (*statuses, *ALWAYS)}
            return view

        return decorate

    def _key_doc(self, doc: dict[str, Any], *_: object, method: str, **__: object) -> dict[str, Any]:
        """Name the scope that an operation needs, where it may answer that there is no key."""
        if str(HTTPStatus.UNAUTHORIZED.value) not in map(str, doc["responses"]):
            return doc
        return doc | {"security": [{BEARER: [str(scope_of(f"{self.name}.", method.upper()))]}]}


def identify(name: str, schema: type[AnswerSchema]) -> list[dict[str, object]]:
    """Document the id in a path with that of the schema's example."""
    example = schema.example()["id"]
    return [{"in": "path", "name": name, "schema": {"type": "string"}, "example": example}]


def document_keys(spec: APISpec) -> None:
    """Say how a request names its key."""
    about = (
        "Made with `python -m kumo keys add NAME --scope S`; the scopes are `ingest`, `read` and `admin`, which is all."
    )
    spec.components.security_scheme(BEARER, {"type": "http", "scheme": "bearer", "description": about})


def document_refusals(spec: APISpec) -> None:
    """Put a response for each status of REFUSALS among the document's components, and the one that says "as before"."""
    spec.components.response("Unchanged", {"description": "As it was when the client got the ETag it sends."})
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
