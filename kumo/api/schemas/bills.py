"""The form of an upload: a bill and how to read it."""

import os
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import RAISE, ValidationError, fields, post_load, validate
from werkzeug.datastructures import FileStorage

from kumo.api.schemas.fields import Parsed
from kumo.api.schemas.listing import Question
from kumo.domain import money
from kumo.domain.categories import CATEGORIES
from kumo.domain.entries import MAX_TEXT
from kumo.engine.imports.choices import AMOUNTS, GRANULARITIES, Choices, check_map

MAP_EXAMPLE: Final = "timestamp=Date,amount=Cost,service=Product,currency==EUR"
_CATEGORY: Final = f"({'|'.join(sorted(CATEGORIES))})"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The upload of a request: a file and how to read it."""

    file: FileStorage
    choices: Choices


class _File(fields.Raw):
    """A part of a form that is a file."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> FileStorage:  # noqa: ANN401
        if not isinstance(value, FileStorage):
            raise ValidationError("must be a file, with a filename in its Content-Disposition")
        if not size_of(value):
            raise ValidationError("must not be empty")
        return value


def size_of(file: FileStorage) -> int:
    """Return the size of a file in bytes, and go back to its start."""
    file.stream.seek(0, os.SEEK_END)
    size = file.stream.tell()
    file.stream.seek(0)
    return size


def _choice(description: str, *allowed: str) -> fields.String:
    known = validate.OneOf(allowed, error="must be one of: {choices}")
    return fields.String(validate=known, metadata={"description": description, "examples": [allowed[0]]})


def _name(description: str, example: str) -> fields.String:
    fits = validate.Length(max=MAX_TEXT, error=f"must not be longer than {MAX_TEXT} characters")
    return fields.String(validate=fits, metadata={"description": description, "examples": [example]})


def _categories(text: str) -> frozenset[str]:
    names = frozenset(text.split(",") if text else ())
    if not names <= CATEGORIES:
        raise ValueError(f"must be charge categories, separated by commas: {', '.join(sorted(CATEGORIES))}")
    return names


class ImportForm(Question):
    """A bill, and how to read it."""

    error_messages = {"unknown": "is not a field of this form"}  # noqa: RUF012 - as marshmallow declares it

    class Meta:
        """Refuse unknown fields, and document this."""

        unknown = RAISE

    file = _File(
        required=True,
        error_messages={"required": "is required"},
        metadata={
            "description": "The bill: CUR, FOCUS, Cost Explorer, Google, Azure or OpenCost; CSV, Parquet or JSON, also"
            " in gzip or zip. At most 64 MiB.",
            "type": "string",
            "format": "binary",
            "minLength": 1,
        },
    )
    granularity = _choice("One entry for each day or each hour; default: daily.", *GRANULARITIES)
    amount = _choice("The amount to use; default: amortized.", *AMOUNTS)
    currency = _choice("The currency of rows without one.", "USD", "", *sorted(money.CURRENCIES - {"USD"}))
    account = _name("The account of rows without one.", "production")
    map = Parsed(
        check_map,
        "The columns of any table, separated by commas: NAME=COLUMN, or NAME==VALUE for all rows.",
        format="column-map",
        examples=[MAP_EXAMPLE],
    )
    source = _name("The origin of the bill; two sources add up.", "finance")
    counts = _name("The source or format that counts if two formats have the same account and day.", "focus")
    complete = fields.Boolean(
        truthy={"true"},
        falsy={"false"},
        error_messages={"invalid": "must be true or false"},
        metadata={"description": "The bill has all of its accounts: missing accounts are removed."},
    )
    detect = Parsed(
        _categories,
        "Charge categories to judge in addition to usage, separated by commas.",
        pattern=f"^({_CATEGORY}(,{_CATEGORY})*)?$",
        examples=["tax,fee"],
    )

    @post_load
    def build(self, values: dict[str, Any], **_: object) -> Uploaded:
        """Build the upload from the fields."""
        return Uploaded(values.pop("file"), Choices(**values))

    @classmethod
    def example(cls) -> dict[str, Any]:
        """Return a form with a small bill."""
        bill = "BillingPeriodStart,ChargePeriodStart,ServiceName,BilledCost,BillingCurrency\n"
        row = "2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,Compute,50.5,USD\n"
        return {"file": bill + row, "granularity": "daily"}
