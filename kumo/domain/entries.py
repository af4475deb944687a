"""Entries: their fields, their limits, their series and their ids."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from kumo.domain import money
from kumo.domain.categories import parse_category
from kumo.domain.names import LONGEST_NAME, compare_name, is_visible
from kumo.domain.parts import Labels, Parts, label
from kumo.errors import FieldError

MAX_TEXT: Final = LONGEST_NAME
# The prefix of external_ids that imports use: any other entry with such a name would be taken for a part of a bill.
RESERVED: Final = "bill:"
MAX_TAGS: Final = 50
MAX_BATCH: Final = 10_000
DAY_MS: Final = 86_400_000
ENTRY_ID_LENGTH: Final = 27

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ENTRY_ID: Final = re.compile(r"([a-z2-7]{16})-([0-9a-f]{10})", re.ASCII)
_SERIES_ID: Final = re.compile(r"[a-z2-7]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Series:
    """The identity of comparable entries, with its names as spelled. An absent part is the empty string.

    Two series whose names differ only in spelling are the same: they share their `key`, and so their `id`.
    `charge_category` is empty for usage, and for categories that detection treats as usage. Any other (tax, credit, …)
    forms its own series, which is stored and summed, but never judged.
    """

    service: str
    currency: str
    provider: str = ""
    account: str = ""
    region: str = ""
    charge_category: str = ""

    @property
    def parts(self) -> list[str]:
        """Its names; the charge category comes last, if it is not usage."""
        parts = [self.provider, self.account, self.region, self.service, self.currency]
        return [*parts, self.charge_category] if self.charge_category else parts

    @property
    def key(self) -> list[str]:
        """Its parts in compared form."""
        return [compare_name(part) for part in self.parts]

    @property
    def id(self) -> str:
        """Sixteen letters: 80 bits of the SHA-256 of its key, so that ids need no coordination."""
        return _series_id(self)


@lru_cache(maxsize=50_000)
def _series_id(series: Series) -> str:
    digest = hashlib.sha256(json.dumps(series.key).encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()


@dataclass(frozen=True, slots=True)
class Entry:
    """One cost as it arrived.

    `amount` is in micros, `timestamp` in milliseconds since 1970 (UTC). `timestamp_given` is false if the client
    gave no time: a repeat of such an entry does not contradict the time of the first one. `quantity`,
    in millionths of its `unit`, is the used quantity. An entry of a bill has `parts` instead of tags.
    """

    series: Series
    amount: int
    timestamp: int
    timestamp_given: bool = True
    external_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    quantity: int | None = None
    unit: str = ""
    resource: str = ""
    parts: Parts = field(default_factory=dict)
    billed: int | None = None
    contributors: tuple[tuple[str, int], ...] = ()

    @property
    def labels(self) -> Labels:
        """Its tag values, each with its micros."""
        return label(self.amount, self.tags, self.parts)


@lru_cache(maxsize=100_000)
def partition_of(series_id: str, partitions: int) -> int:
    """Return the partition of a series: its leading 20 bits modulo their number."""
    return int.from_bytes(base64.b32decode(series_id.upper())[:4], "big") % partitions


def entry_id(series_id: str, seq: int) -> str:
    """Return the id of the entry that arrived as number `seq` of its series' partition."""
    return f"{series_id}-{seq:010x}"


def parse_entry_id(text: str) -> tuple[str, int] | None:
    """Split an entry's id into its series' id and arrival number; None if it is malformed."""
    found = _ENTRY_ID.fullmatch(text)
    return (found[1], int(found[2], 16)) if found else None


def is_series_id(text: str) -> bool:
    """Return whether a text has the form of a series' id."""
    return _SERIES_ID.fullmatch(text) is not None


def parse_text(value: object, longest: int = MAX_TEXT) -> str:
    """Parse a text of limited length; raise `ValueError` for anything else."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    if len(value) > longest:
        raise ValueError(f"must be at most {longest} characters long")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("must be valid Unicode, without lone surrogates")
    return value


def parse_service(value: object) -> str:
    """Parse a service name: a text with at least one visible character."""
    text = parse_text(value)
    if not text:
        raise ValueError("must not be empty")
    if not is_visible(text):
        raise ValueError("must not be invisible: it has only white space, marks or format characters")
    return text


def parse_external_id(value: object) -> str:
    """Parse a client's own name for an entry; names of imports are refused."""
    text = parse_text(value)
    if text.startswith(RESERVED):
        raise ValueError(f"must not begin with {RESERVED}, which is reserved for imported bills")
    return text


def parse_currency(value: object) -> str:
    """Parse an ISO 4217 code."""
    if not isinstance(value, str) or value not in money.CURRENCIES:
        raise ValueError("must be an ISO 4217 code in capitals, such as USD")
    return value


def parse_timestamp(value: object) -> int:
    """Parse an RFC 3339 time with an offset into milliseconds since 1970; finer digits are dropped."""
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("must be an RFC 3339 time with an offset, such as 2026-01-31T09:00:00Z")
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a time that exists") from None
    if moment.year < 1970:  # noqa: PLR2004 - the epoch
        raise ValueError("must not be before 1970")
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def parse_tags(value: object) -> dict[str, str]:
    """Parse at most fifty pairs of texts."""
    if not isinstance(value, Mapping):
        raise ValueError("must be an object of strings")
    if len(value) > MAX_TAGS:
        raise ValueError(f"must have at most {MAX_TAGS} pairs")
    try:
        return {parse_text(key): parse_text(text) for key, text in value.items()}
    except ValueError as error:
        raise ValueError(f"keys and values: {error}") from None


# The one table of an entry's fields, used for single entries and for batches.
FIELDS: Final[Mapping[str, Callable[[object], Any]]] = {
    "service": parse_service,
    "amount": money.to_micros,
    "currency": parse_currency,
    "timestamp": parse_timestamp,
    "provider": parse_text,
    "account": parse_text,
    "region": parse_text,
    "tags": parse_tags,
    "external_id": parse_external_id,
    "quantity": money.to_micros,
    "unit": parse_text,
    "resource": parse_text,
    "charge_category": parse_category,
}
REQUIRED: Final = ("service", "amount")


def read_entry(raw: object, now: int, index: int | None = None) -> Entry | list[FieldError]:
    """Parse one JSON object into an entry, or return every wrong field with the reason.

    `now` is in milliseconds: the time of entries without one, and a day before the latest time allowed. Optional
    fields that are null count as absent.
    """
    if not isinstance(raw, Mapping):
        return [FieldError("", "must be an object", index)]
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in raw.items():
        parse = FIELDS.get(name)
        if parse is None:
            errors.append(FieldError(str(name), "is not a field of an entry", index))
        elif value is not None or name in REQUIRED:
            try:
                values[name] = parse(value)
            except ValueError as error:
                errors.append(FieldError(name, str(error), index))
    errors += [FieldError(name, "is required", index) for name in REQUIRED if name not in raw]
    if values.get("timestamp", 0) > now + DAY_MS:
        errors.append(FieldError("timestamp", "must not be more than a day ahead", index))
    return errors or _entry(values, now)


def _entry(values: dict[str, Any], now: int) -> Entry:
    series = Series(
        service=values["service"],
        currency=values.get("currency", "USD"),
        provider=values.get("provider", ""),
        account=values.get("account", ""),
        region=values.get("region", ""),
        charge_category=values.get("charge_category", ""),
    )
    return Entry(
        series=series,
        amount=values["amount"],
        timestamp=values.get("timestamp", now),
        timestamp_given="timestamp" in values,
        external_id=values.get("external_id", ""),
        tags=values.get("tags", {}),
        quantity=values.get("quantity"),
        unit=values.get("unit", ""),
        resource=values.get("resource", ""),
    )
