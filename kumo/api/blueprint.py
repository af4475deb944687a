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
from kumo.api.problems import MIMETYPE
from kumo.errors import FieldError, InvalidQueryError
from kumo.schemas.fields import Answer
from kumo.schemas.problem import ProblemSchema

View = TypeVar("View", bound=Callable[..., Any])

# Per status: what it means, and the detail of its example.
REFUSALS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("The body is not JSON.", "The body is not JSON: Expecting value at line 1, column 12."),
    404: ("There is no such thing.", "There is no cost '5woeftbt6mygcc7u-00000000ff'."),
    409: (
        "The external_id is known with another timestamp, or a request with this Idempotency-Key"
        " is still running.",
        "This external_id is known with another timestamp.",
    ),
    413: ("The body is too large.", "The data value transmitted exceeds the capacity limit."),
    415: ("The content type is another.", "Send the entry as application/json."),
    422: ("A field, parameter or header is wrong.", "amount: must be a finite number"),
    500: ("A fault of the service.", "This is a fault of the service; it is in its log."),
    503: (
        "The store cannot be used now; nothing is half done.",
        "The store cannot be reached or takes no writes now; nothing is half done.",
    ),
}
_RETRY_AFTER: Final = {
    "description": "Seconds after which another try makes sense.",
    "schema": {"type": "integer", "examples": [1]},
}


class Parser(FlaskParser):
    """Reads entries by the domain's table of fields, and refuses unknown and repeated parameters."""

    DEFAULT_UNKNOWN_BY_LOCATION: Final = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def parse(
        self,
        argmap: Any,  # noqa: ANN401 - webargs' signature
        req: Request | None = None,
        *,
        location: str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Parse a location of the request; a body is one entry, or those of a `many` schema."""
        if location != "json":
            return super().parse(argmap, req, location=location, **options)
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
        [named] = error.normalized_messages().values()
        raise InvalidQueryError(
            FieldError(name, " ".join(details)) for name, details in named.items()
        )


class Blueprint(flask_smorest.Blueprint):
    """A group of endpoints."""

    ARGUMENTS_PARSER = Parser()

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """Document the statuses with which an endpoint refuses, beside those that any may have."""

        def decorate(view: View) -> View:
            for status in (*statuses, 500, 503):
                view = self.alt_response(status, response=f"Problem{status}")(view)
            return view

        return decorate


def identified(name: str, schema: type[Answer]) -> list[dict[str, object]]:
    """Document the id in a path with that of the schema's example."""
    example = schema.example()["id"]
    return [{"in": "path", "name": name, "schema": {"type": "string"}, "example": example}]


def document_refusals(spec: APISpec) -> None:
    """Put a response for each status of REFUSALS among the document's components."""
    for status, (description, detail) in REFUSALS.items():
        example = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        content = {MIMETYPE: {"schema": ProblemSchema, "example": example}}
        response: dict[str, Any] = {"description": description, "content": content}
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            response["headers"] = {"Retry-After": _RETRY_AFTER}
        spec.components.response(f"Problem{status}", response)
