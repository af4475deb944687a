"""The parameters of listings, converted to the engine's `Query`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields as attributes
from datetime import date
from enum import StrEnum
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema

from kumo.api.schemas.cursors import Cursors
from kumo.api.schemas.fields import Parsed, filter_by
from kumo.domain.entries import DAY_MS, MAX_TEXT, Series, parse_text, parse_timestamp
from kumo.engine.queries.views import END_OF_TIME, Query

MAX_LIMIT: Final = 1000
MAX_SKIP: Final = 10_000
TAG: Final = "tag."
SERIES: Final = tuple(attribute.name for attribute in attributes(Series))

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
# Not two alternatives of `anyOf`: few tools would then still offer a plain text box.
_TIME: Final = {"examples": ["2026-01-31", "2026-01-31T09:00:00Z"], "format": "time-or-date"}


class Whole(fields.Integer):
    """A whole number in plain digits: `int()` would also accept 1_000, or digits of other scripts."""

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
    """Read the first time of a range, in ms: a time, or the start of a day in UTC."""
    try:
        return parse_timestamp(f"{parse_date(text)}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except ValueError:
        raise ValueError("must be a date or an RFC 3339 time from 1970 on, such as 2026-01-31T09:00:00Z") from None


def parse_to(text: str) -> int:
    """Read the last time of a range, in ms: just before a time, or the end of a day in UTC."""
    return parse_from(text) + (DAY_MS if _DATE.fullmatch(text) else 0) - 1


def cursor(cursors: Cursors) -> Parsed:
    """Declare the cursor of a list."""
    about = "The end of the previous page, from its Link header."
    return Parsed(cursors.read, about, name="cursor", format=f"{cursors.name}-cursor")


def order(usual: str, description: str) -> fields.String:
    """Declare the order of a list, with its default."""
    return fields.String(
        load_default=usual,
        validate=validate.OneOf(["asc", "desc"], error="must be one of: {choices}"),
        metadata={"description": description},
    )


def most() -> Whole:
    """Declare the largest number of rows of a page."""
    return Whole(
        load_default=100,
        validate=validate.Range(1, MAX_LIMIT, error="must be from {min} to {max}"),
        metadata={"description": "Largest number of rows of a page."},
    )


class Question(Schema):
    """Base of query parameters."""

    error_messages = {"unknown": "is not a parameter of this endpoint"}  # noqa: RUF012 - as marshmallow declares it


class Pages(Question):
    """The parameters of every list; each list adds its order and its cursor."""

    limit = most()
    skip = Whole(
        load_default=0,
        validate=validate.Range(0, MAX_SKIP, error="must be from {min} to {max}"),
        metadata={"description": "Number of rows to skip; prefer the cursor."},
    )

    @post_load
    def query(self, values: dict[str, Any], **_: object) -> Any:  # noqa: ANN401 - some lists have more than a query
        """Build the engine's query."""
        return build_query(values)


def build_query(values: dict[str, Any]) -> Query:
    """Build the engine's query from parameters with the names of its fields."""
    series = {name: values.pop(name) for name in SERIES if name in values}
    return Query(series=series, newest_first=values.pop("order") == "desc", **values)


class Listing(Pages):
    """Additional parameters of lists whose rows belong to series."""

    service, provider, account, region, currency = (
        filter_by(name) for name in ("service", "provider", "account", "region", "currency")
    )


class TagFilter(fields.String):
    """The filters by tags, collected by `gather_tags`; the document shows an example key."""

    def __init__(self, description: str) -> None:
        """Keep the description."""
        about = {"description": description, "maxLength": MAX_TEXT, "examples": ["search"]}
        super().__init__(data_key=f"{TAG}team", metadata=about)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        return value


def gather_tags(data: Mapping[str, str]) -> dict[str, Any]:
    """Collect all parameters tag.KEY in one; raise `ValidationError` that names each invalid one."""
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
    """Parameters with filters by tags."""

    tags = TagFilter(
        "Only rows with this value of the tag team, in any spelling; empty: rows without the tag. The same works with"
        " `tag.KEY` for any other key; imported costs have only the keys in KUMO_TAG_KEYS."
    )

    @pre_load
    def gather(self, data: Mapping[str, str], **_: object) -> dict[str, Any]:
        """Read the filters by tags."""
        return gather_tags(data)


class TimeRange(Question):
    """Parameters for a range of times."""

    low = Parsed(parse_from, "The first time: RFC 3339, or a date (UTC).", name="from", **_TIME)
    high = Parsed(
        parse_to,
        "The end: before this RFC 3339 time, or at the end of this date (UTC).",
        name="to",
        **_TIME | {"examples": ["2026-02-28", "2026-02-28T09:00:00Z"]},
    )


class TimedListing(Listing, TaggedQuestion, TimeRange):
    """Additional parameters of lists whose rows have a time."""


class ForwardRange(TimeRange):
    """A range of times that must not be turned round."""

    @validates_schema
    def check_order(self, values: Mapping[str, Any], **_: object) -> None:
        """Refuse an end that is not after the beginning."""
        if values.get("low", 0) > values.get("high", END_OF_TIME):
            raise ValidationError({"from": ["must be before to"]})


def one_of(values: type[StrEnum], description: str, name: str | None = None) -> fields.String:
    """Declare a filter by one of a few values."""
    known = validate.OneOf([str(value) for value in values], error="must be one of: {choices}")
    return fields.String(validate=known, data_key=name, metadata={"description": description})
