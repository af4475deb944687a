"""The kinds of fields: of an answer, said as a function of the row; of a question, read by a rule."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields

from kumo.domain import money
from kumo.domain.entries import FIELDS, MAX_TEXT, REQUIRED

_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}

# What the fields that identify a series are, with an example: said once, shown in four answers.
SERVICE: Final = ("What was paid for.", "AWS EC2")
PROVIDER: Final = ("Who is paid; empty where none was named.", "AWS")
ACCOUNT: Final = ("The account that pays; empty where none was named.", "production")
REGION: Final = ("Where it ran; empty where none was named.", "eu-west-1")
CURRENCY: Final = ("ISO 4217 code.", "USD")


class Exampled(Schema):
    """Base of what has an example for each field."""

    @classmethod
    def example(cls) -> dict[str, Any]:
        """Put the examples of the fields together."""
        return {name: field.metadata["examples"][0] for name, field in cls._declared_fields.items()}


class AnswerSchema(Exampled):
    """Base of what goes out: each field is always there, null where it is not known."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002
        """Document each field as always there, and without "read-only": nobody sends these."""
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

    Its JSON type is that of the example; `schema` adds to the OpenAPI document.
    """
    kind = _TYPES.get(type(example), "array")
    about = {"type": [kind, "null"] if null else kind, "description": description}
    get = attrgetter(of) if isinstance(of, str) else of
    return fields.Function(get, metadata={**about, "examples": [example], **schema})


def moment(of: str | Callable[[Any], int | None], description: str, *, null: bool = False) -> fields.Function:
    """Declare a time of an answer, which the row keeps in ms since 1970."""
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
    """Show micros as a number of units."""
    return None if micros is None else money.units(micros)


# What one thing that drove a cost looks like.
DRIVER: Final = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "amount": {"type": "number"}},
    "required": ["name", "amount"],
}


def drivers(contributors: Iterable[tuple[str, int]]) -> list[dict[str, object]]:
    """Show what drove a cost: names with units."""
    return [{"name": name, "amount": money.units(micros)} for name, micros in contributors]


def choice(*names: str) -> Callable[[object], str]:
    """Return a reader of one of some names."""

    def parse(value: object) -> str:
        if value not in names:
            raise ValueError("must be one of: " + ", ".join(names))
        return str(value)

    return parse


class Parsed(fields.String):
    """A text that a function reads; the sentence of the `ValueError` it raises goes to the sender."""

    def __init__(self, parse: Callable[[Any], object], description: str, *, name: str = "", **schema: object) -> None:
        """Keep the rule; `schema` is what the OpenAPI document says of it, `name` how it is sent."""
        about = {"description": description, **schema}
        super().__init__(metadata=about, data_key=name or None)
        self._parse = parse

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        try:
            return self._parse(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


def filter_by(name: str) -> Parsed:
    """Declare the filter by a field of the series, read by the rule that entries are read by."""
    limits: dict[str, Any] = {"maxLength": MAX_TEXT}
    if name in REQUIRED:
        limits |= {"minLength": 1, "format": "visible-name"}
    if name == "currency":
        limits = {"enum": sorted(money.CURRENCIES)}
    return Parsed(FIELDS[name], f"Only those of this {name}, in any spelling of it.", **limits)
