"""Kinds of fields: in an answer, a function of the row; in a request, a parser."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields

from kumo.domain import money
from kumo.domain.entries import FIELDS, MAX_TEXT, REQUIRED
from kumo.domain.judging import Cause

_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}

# The description and example of the fields that identify a series, used in four answers.
SERVICE: Final = ("The service.", "AWS EC2")
PROVIDER: Final = ("The cloud provider; empty if none was given.", "AWS")
ACCOUNT: Final = ("The account that pays; empty if none was given.", "production")
REGION: Final = ("The region; empty if none was given.", "eu-west-1")
CURRENCY: Final = ("ISO 4217 code.", "USD")
CAUSES: Final = [*map(str, Cause)]
_CAUSE: Final = (
    "Why it is an anomaly. threshold: it is too far above the expected amount; drift: many costs in a row are a little"
    " above; new_high: several times the largest cost before; first_cost: after many entries without a cost;"
    " first_spend: something new, or silent for long, costs more than KUMO_FIRST_SPEND; hour:"
    " the day as a whole is usual, but an hour of it is not."
)
CAUSE: Final = (_CAUSE, "threshold")


class Exampled(Schema):
    """Base of schemas with an example for each field."""

    @classmethod
    def example(cls) -> dict[str, Any]:
        """Build the example from the examples of the fields."""
        return {name: field.metadata["examples"][0] for name, field in cls._declared_fields.items()}


class AnswerSchema(Exampled):
    """Base of answers: each field is always present, null if it is not known."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002
        """Document each field as always present, and without "read-only", because clients never send these."""
        field_obj.required = True
        field_obj.dump_only = False


def declare(
    of: str | Callable[[Any], object],
    description: str,
    example: object,
    *,
    null: bool = False,
    **schema: object,
) -> fields.Function:
    """Declare a field of an answer: a path in the row or a function of it, and its documentation.

    The example gives its JSON type; `schema` adds to the OpenAPI document.
    """
    kind = _TYPES.get(type(example), "array")
    about = {"type": [kind, "null"] if null else kind, "description": description}
    get = attrgetter(of) if isinstance(of, str) else of
    return fields.Function(get, metadata={**about, "examples": [example], **schema})


def moment(of: str | Callable[[Any], int | None], description: str, *, null: bool = False) -> fields.Function:
    """Declare a time of an answer; the row has it in ms since 1970."""
    get = attrgetter(of) if isinstance(of, str) else of

    def show(row: object) -> str | None:
        at = get(row)
        return None if at is None else rfc3339(at)

    return declare(show, description, "2026-01-31T09:00:00.000Z", null=null, format="date-time")


def rfc3339(milliseconds: int) -> str:
    """Write a time in ms since 1970 in UTC: 2026-01-31T09:00:00.000Z."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def units(micros: int | None) -> float | None:
    """Convert micros to a number of units."""
    return None if micros is None else money.units(micros)


# An example of a contributor.
DRIVER: Final = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "amount": {"type": "number"}},
    "required": ["name", "amount"],
}


def drivers(contributors: Iterable[tuple[str, int]]) -> list[dict[str, object]]:
    """Show contributors: names with units."""
    return [{"name": name, "amount": money.units(micros)} for name, micros in contributors]


def choice(*names: str) -> Callable[[object], str]:
    """Return a parser of one of some names."""

    def parse(value: object) -> str:
        if value not in names:
            raise ValueError("must be one of: " + ", ".join(names))
        return str(value)

    return parse


class Parsed(fields.String):
    """A text that a function parses. The client sees the text of its `ValueError`."""

    def __init__(self, parse: Callable[[Any], object], description: str, *, name: str = "", **schema: object) -> None:
        """Keep the parser; `schema` adds to the OpenAPI document, `name` is the parameter's name."""
        about = {"description": description, **schema}
        super().__init__(metadata=about, data_key=name or None)
        self._parse = parse

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        try:
            return self._parse(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


def filter_by(name: str) -> Parsed:
    """Declare the filter by a field of the series, parsed by the same rule as in entries."""
    limits: dict[str, Any] = {"maxLength": MAX_TEXT}
    if name in REQUIRED:
        limits |= {"minLength": 1, "format": "visible-name"}
    if name == "currency":
        limits = {"enum": sorted(money.CURRENCIES)}
    return Parsed(FIELDS[name], f"Only rows with this {name}, in any spelling.", **limits)
