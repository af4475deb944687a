"""An entry on the way in, the headers it may come with, and what is answered to a batch."""

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
    """Documents an entry. What is taken is decided by `kumo.domain.entries.FIELDS` alone.

    Marshmallow would take seconds for a full batch, and there would be two sets of rules.
    """

    service = _take(
        "service",
        "What was paid for: a name of which something can be seen. Names that differ in case, in"
        " white space, in how accents are encoded or in what cannot be seen are the same; shown as first spelled.",
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
        "ISO 4217 code; USD where none is sent.",
        "USD",
        type=["string", "null"],
        enum=[*sorted(money.CURRENCIES), None],
    )
    timestamp = _take(
        "timestamp",
        "When it was spent: RFC 3339 with an offset, from 1970 to a day ahead; now where none is"
        " sent. Kept to the millisecond.",
        "2026-01-31T09:00:00Z",
        type=["string", "null"],
        format="date-time",
    )
    provider = _name("provider", "Who is paid.", "AWS")
    account = _name("account", "The account that pays.", "production")
    region = _name("region", "Where it ran.", "eu-west-1")
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
        "The sender's own name for this entry, unique within its series. Sent again with the same amount it"
        " changes nothing, with another amount it restates the entry: amount, quantity and unit are replaced,"
        f" the rest stays. Imported bills give those that begin with `{RESERVED}`.",
        "bill-2026-01/4711",
        pattern=f"^(?!{RESERVED})",
    )
    quantity = _take(
        "quantity",
        "How much was used, in its unit; read as the amount is.",
        744,
        anyOf=[*_DECIMAL, {"type": "null"}],
    )
    unit = _name("unit", "What the quantity counts. Kept as it is spelled.", "Hours")
    resource = _name("resource", "What cost it: a machine, a bucket, a usage type.", "i-0a1b2c3d4e5f60718")
    charge_category = _take(
        "charge_category",
        "What is paid for. All but usage, which it is where none is sent, is kept and summed and never judged, and"
        " makes a series of its own.",
        "Usage",
        type=["string", "null"],
        enum=[*SPELLINGS, None],
    )

    @classmethod
    def example(cls) -> dict[str, Any]:
        """Put the examples of the fields together."""
        return {name: cls._declared_fields[name].metadata["examples"][0] for name in FIELDS}


class BatchSchema(AnswerSchema):
    """What became of a batch."""

    accepted = declare(itemgetter("accepted"), "Entries that are new.", 2)
    restated = declare(itemgetter("restated"), "Entries that were known with another amount.", 0)
    duplicates = declare(itemgetter("duplicates"), "Entries that were known as they are.", 0)
    ids = declare(
        itemgetter("ids"),
        "The id of each entry, in the order sent.",
        ["5woeftbt6mygcc7u-0000000001", "5woeftbt6mygcc7u-0000000002"],
        items={"type": "string"},
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a recording request asks for in its headers: its Idempotency-Key, seconds to wait."""

    key: str | None = None
    wait: int | None = None


def parse_key(text: str) -> str:
    """Read an Idempotency-Key; raises `ValueError` where it is not one."""
    if not KEY.fullmatch(text):
        raise ValueError("must be 1 to 200 printable ASCII characters")
    return text


def parse_wait(text: str) -> int | None:
    """Read the seconds out of a Prefer header, at most ten; None where it names none (RFC 7240)."""
    found = (_WAIT.fullmatch(preference) for preference in parse_list_header(text))
    first = next((match for match in found if match), None)
    return min(int(first[2]), LONGEST_WAIT) if first else None


class BatchHeaders(Schema):
    """The header that makes a repeated request harmless."""

    class Meta:
        """Other headers are no business of ours."""

        unknown = EXCLUDE

    key = Parsed(
        parse_key,
        "Sent again with the same key and body within 24 hours, the request is answered as the"
        " first time and recorded once, under whichever API key; with another body it is refused. All clients share"
        " these keys: make it a UUID.",
        name="Idempotency-Key",
        pattern=f"^{KEY.pattern}$",
        examples=["8e4f0a52-6d0e-4b0c-9a57-2f1f9c1d7b11"],
    )

    @post_load
    def build(self, values: dict[str, Any], **_: object) -> Asked:
        """Build what the engine asks for."""
        return Asked(**values)


class EntryHeaders(BatchHeaders):
    """The same, and how long the sender would wait for the verdict."""

    wait = Parsed(
        parse_wait,
        f"`wait=N`: answer with the verdict if there is one within N seconds (at most"
        f" {LONGEST_WAIT}). Anything else is ignored.",
        name="Prefer",
        examples=["wait=5"],
    )
