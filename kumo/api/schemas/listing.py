"""What a listing may be asked for, turned into the engine's `Query`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields as attributes
from datetime import date
from enum import StrEnum
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from kumo.api.schemas.cursors import Cursors
from kumo.api.schemas.fields import Parsed, filter_by
from kumo.domain.entries import DAY_MS, MAX_TEXT, Series, parse_text, parse_timestamp
from kumo.engine.queries.views import Query

MAX_LIMIT: Final = 1000
MAX_SKIP: Final = 10_000
TAG: Final = "tag."
SERIES: Final = tuple(attribute.name for attribute in attributes(Series))

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
# Not two alternatives of `anyOf`: there, few tools would still offer a plain text box.
_TIME: Final = {"examples": ["2026-01-31", "2026-01-31T09:00:00Z"], "format": "time-or-date"}


class Whole(fields.Integer):
    """A whole number in plain digits: `int()` would also take 1_000, or digits of other scripts."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> int:  # noqa: ANN401
        if not _WHOLE.fullmatch(value):
            raise ValidationError("must be a whole number")
        return super()._deserialize(value, attr, data, **options)


def parse_date(text: str) -> date:
    """Read a date from 1970 on, such as 2026-01-31."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year < 1970:  # noqa: PLR2004 - the epoch
        raise ValueError("must be a date from 1970 on, such as 2026-01-31")
    return day


def parse_from(text: str) -> int:
    """Read the first moment wanted, in ms: a time, or the start of a day in UTC."""
    try:
        return parse_timestamp(f"{parse_date(text)}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except ValueError:
        raise ValueError("must be a date or an RFC 3339 time from 1970 on, such as 2026-01-31T09:00:00Z") from None


def parse_to(text: str) -> int:
    """Read the last moment wanted, in ms: just before a time, or the end of a day in UTC."""
    return parse_from(text) + (DAY_MS if _DATE.fullmatch(text) else 0) - 1


def cursor(cursors: Cursors) -> Parsed:
    """Declare the cursor of a list."""
    about = "Where the page before ended: take it from that page's Link."
    return Parsed(cursors.read, about, name="cursor", format=f"{cursors.name}-cursor")


def order(usual: str, description: str) -> fields.String:
    """Declare the order of a list, which runs one way unless asked to run the other."""
    return fields.String(
        load_default=usual,
        validate=validate.OneOf(["asc", "desc"], error="must be one of: {choices}"),
        metadata={"description": description},
    )


def most() -> Whole:
    """Declare how many rows a page may have."""
    return Whole(
        load_default=100,
        validate=validate.Range(1, MAX_LIMIT, error="must be from {min} to {max}"),
        metadata={"description": "Most rows of a page."},
    )


class Question(Schema):
    """Base of what may be asked for."""

    error_messages = {"unknown": "is not a parameter here"}  # noqa: RUF012 - as marshmallow declares it


class Pages(Question):
    """What every list takes; each adds its order and its cursor."""

    limit = most()
    skip = Whole(
        load_default=0,
        validate=validate.Range(0, MAX_SKIP, error="must be from {min} to {max}"),
        metadata={"description": "Rows to leave out first; the cursor is the better way."},
    )

    @post_load
    def query(self, values: dict[str, Any], **_: object) -> Query:
        """Build the engine's query; what is left in `values` bears the names of its fields."""
        series = {name: values.pop(name) for name in SERIES if name in values}
        return Query(series=series, newest_first=values.pop("order") == "desc", **values)


class Listing(Pages):
    """What lists of what belongs to series take as well."""

    service, provider, account, region, currency = (
        filter_by(name) for name in ("service", "provider", "account", "region", "currency")
    )


class TagFilter(fields.String):
    """The filters by tags, gathered by `gather_tags`; the document has the one of a key that is often there."""

    def __init__(self, description: str) -> None:
        """Describe it."""
        about = {"description": description, "maxLength": MAX_TEXT, "examples": ["search"]}
        super().__init__(data_key=f"{TAG}team", metadata=about)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        return value


def gather_tags(data: Mapping[str, str]) -> dict[str, Any]:
    """Put all parameters tag.KEY into the place of one; raises `ValidationError` that names each that is wrong."""
    tags = {name.removeprefix(TAG): value for name, value in data.items() if name.startswith(TAG)}
    errors = {f"{TAG}{key}": [str(error)] for key, value in tags.items() for error in _errors(key, value)}
    if errors:
        raise ValidationError(errors)
    rest = {name: value for name, value in data.items() if not name.startswith(TAG)}
    return rest | ({f"{TAG}team": tags} if tags else {})


def _errors(*texts: str) -> Iterator[ValueError]:
    for text in texts:
        try:
            parse_text(text)
        except ValueError as error:
            yield error


class TaggedQuestion(Question):
    """What takes filters by tags."""

    tags = TagFilter(
        "Only those of which a part has this value of the tag team, in any spelling; empty: those without one. Likewise"
        " `tag.KEY` of any other key: of imported costs those of KUMO_TAG_KEYS are known."
    )

    @pre_load
    def gather(self, data: Mapping[str, str], **_: object) -> dict[str, Any]:
        """Read the filters by tags."""
        return gather_tags(data)


class TimedListing(Listing, TaggedQuestion):
    """What listings of things that happened take as well."""

    low = Parsed(parse_from, "The first time wanted: RFC 3339, or a date (UTC).", name="from", **_TIME)
    high = Parsed(
        parse_to,
        "Where to stop: before this RFC 3339 time, or at the end of this date (UTC).",
        name="to",
        **_TIME,
    )


def one_of(values: type[StrEnum], description: str, name: str | None = None) -> fields.String:
    """Declare a filter by a value that is one of few."""
    known = validate.OneOf([str(value) for value in values], error="must be one of: {choices}")
    return fields.String(validate=known, data_key=name, metadata={"description": description})
