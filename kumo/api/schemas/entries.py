"""The schemas of an entry in a request, its headers, and the answer to a batch."""

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, post_load
from werkzeug.http import parse_list_header

from kumo.api.schemas.fields import AnswerSchema, Parsed, declare
from kumo.domain import money
from kumo.domain.categories import SPELLINGS
from kumo.domain.entries import FIELDS, MAX_TAGS, MAX_TEXT, REQUIRED, RESERVED
from kumo.settings import LONGEST_WAIT

_WAIT: Final = re.compile(r'wait *= *("?)(\d{1,9})\1 *(;.*)?', re.ASCII | re.IGNORECASE)
KEY: Final = re.compile(r"[!-~]([ -~]{0,198}[!-~])?")


def _take(name: str, description: str, example: object, **schema: object) -> fields.Raw:
    about = {"description": description, "examples": [example], **schema}
    return fields.Raw(required=name in REQUIRED, metadata=about)


def _name(name: str, description: str, example: str, **schema: object) -> fields.Raw:
    return _take(name, description, example, type=["string", "null"], maxLength=MAX_TEXT, **schema)


_DECIMAL: Final = [
    {"type": "number", "minimum": -money.MAX_UNITS, "maximum": money.MAX_UNITS},
    {"type": "string", "format": "decimal", "maxLength": money.MAX_AMOUNT_LENGTH},
]


class EntrySchema(Schema):
    """Documents an entry. Only `kumo.domain.entries.FIELDS` decides what is accepted.

    Marshmallow would take seconds for a full batch, and there would be two sets of rules.
    """

    service = _take(
        "service",
        "The service: a name with at least one visible character. Names that differ only in case,"
        " white space, encoding of accents or invisible characters are the same; shown as first spelled.",
        "AWS EC2",
        type="string",
        minLength=1,
        maxLength=MAX_TEXT,
        format="visible-name",
    )
    amount = _take(
        "amount",
        "Units of the currency, as a number or a decimal string; rounded half to even at the sixth"
        " decimal. Negative for a refund.",
        50.5,
        anyOf=_DECIMAL,
    )
    currency = _take(
        "currency",
        "ISO 4217 code; default: USD.",
        "USD",
        type=["string", "null"],
        enum=[*sorted(money.CURRENCIES), None],
    )
    timestamp = _take(
        "timestamp",
        "The time of the cost: RFC 3339 with an offset, from 1970 to a day ahead; default: now."
        " Stored to the millisecond.",
        "2026-01-31T09:00:00Z",
        type=["string", "null"],
        format="date-time",
    )
    provider = _name("provider", "The cloud provider.", "AWS")
    account = _name("account", "The account that pays.", "production")
    region = _name("region", "The region.", "eu-west-1")
    tags = _take(
        "tags",
        f"At most {MAX_TAGS} pairs of texts.",
        {"team": "search"},
        type=["object", "null"],
        maxProperties=MAX_TAGS,
        propertyNames={"type": "string", "maxLength": MAX_TEXT},
        additionalProperties={"type": "string", "maxLength": MAX_TEXT},
    )
    external_id = _name(
        "external_id",
        "The client's own name for this entry, unique within its series. Sent again with the same amount it"
        " changes nothing. With another amount it restates the entry: amount, quantity and unit are replaced,"
        f" the rest stays. Names that begin with `{RESERVED}` are reserved for imports.",
        "bill-2026-01/4711",
        pattern=f"^(?!{RESERVED})",
    )
    quantity = _take(
        "quantity",
        "The used quantity, in the format of the amount.",
        744,
        anyOf=[*_DECIMAL, {"type": "null"}],
    )
    unit = _name("unit", "The unit of the quantity. Its spelling is kept.", "Hours")
    resource = _name("resource", "The resource: a machine, a bucket, a usage type.", "i-0a1b2c3d4e5f60718")
    charge_category = _take(
        "charge_category",
        "The kind of charge; default: usage. All others are stored and summed, but never judged, and"
        " form their own series.",
        "Usage",
        type=["string", "null"],
        enum=[*SPELLINGS, None],
    )

    @classmethod
    def example(cls) -> dict[str, Any]:
        """Build the example from the examples of the fields."""
        return {name: cls._declared_fields[name].metadata["examples"][0] for name in FIELDS}


class BatchSchema(AnswerSchema):
    """The result of a batch."""

    accepted = declare(itemgetter("accepted"), "New entries.", 2)
    restated = declare(itemgetter("restated"), "Known entries with another amount.", 0)
    duplicates = declare(itemgetter("duplicates"), "Known entries with the same amount.", 0)
    ids = declare(
        itemgetter("ids"),
        "The id of each entry, in the order of the request.",
        ["5woeftbt6mygcc7u-0000000001", "5woeftbt6mygcc7u-0000000002"],
        items={"type": "string"},
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The headers of a recording request: its Idempotency-Key, and the seconds to wait."""

    key: str | None = None
    wait: int | None = None


def parse_key(text: str) -> str:
    """Read an Idempotency-Key; raise `ValueError` if it is invalid."""
    if not KEY.fullmatch(text):
        raise ValueError("must be 1 to 200 printable ASCII characters")
    return text


def parse_wait(text: str) -> int | None:
    """Read the seconds from a Prefer header, at most ten; None if it has none (RFC 7240)."""
    found = (_WAIT.fullmatch(preference) for preference in parse_list_header(text))
    first = next((match for match in found if match), None)
    return min(int(first[2]), LONGEST_WAIT) if first else None


class BatchHeaders(Schema):
    """The header that makes a repeated request safe."""

    class Meta:
        """Ignore other headers."""

        unknown = EXCLUDE

    key = Parsed(
        parse_key,
        "A repeat with the same key and body within 24 hours gets the first answer and is"
        " recorded once, also under another API key. With another body it is refused. All clients share"
        " these keys: use a UUID.",
        name="Idempotency-Key",
        pattern=f"^{KEY.pattern}$",
        examples=["8e4f0a52-6d0e-4b0c-9a57-2f1f9c1d7b11"],
    )

    @post_load
    def build(self, values: dict[str, Any], **_: object) -> Asked:
        """Build the value for the engine."""
        return Asked(**values)


class EntryHeaders(BatchHeaders):
    """The same, with the time to wait for the verdict."""

    wait = Parsed(
        parse_wait,
        f"`wait=N`: answer with the verdict if there is one within N seconds (at most"
        f" {LONGEST_WAIT}). Anything else is ignored.",
        name="Prefer",
        examples=["wait=5"],
    )
