"""Request bodies, read exactly: numbers never pass through a float, and every refusal names the place."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from flask import Request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)

from kumo import faults
from kumo.api import decoding
from kumo.domain.entries import Entry, read_entry
from kumo.engine import ingest
from kumo.errors import FieldError, InvalidBodyError, InvalidEntryError

LINES: Final = ("application/x-ndjson", "application/jsonl")


def entry(request: Request, now: int) -> Entry:
    """Read the only entry of a request; raise `InvalidEntryError`."""
    if not request.is_json:
        raise UnsupportedMediaType("Send the entry as application/json.")
    found = read_entry(decoding.document(_text(request)), now)
    if isinstance(found, Entry):
        return found
    raise InvalidEntryError(found)


def name_fields(error: ValidationError, location: str | None = None) -> list[FieldError]:
    """Name each field that a schema refuses; webargs groups them by location."""
    messages = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow gives none
    wrong = messages if location is None else messages[location]
    return [FieldError(name, " ".join(details)) for name, details in wrong.items()]


def load_body(request: Request, schema: Schema) -> Any:  # noqa: ANN401 - what the schema makes of it
    """Read a body that is not an entry by its schema; raise `InvalidBodyError`."""
    if not request.is_json:
        raise UnsupportedMediaType("Send the body as application/json.")
    document = decoding.document(_text(request))
    if not isinstance(document, dict):
        raise InvalidBodyError([FieldError("", "must be an object")])
    try:
        return schema.load(document)
    except ValidationError as error:
        raise InvalidBodyError(name_fields(error)) from None


def entries(request: Request, now: int) -> list[Entry]:
    """Read the entries of a batch, up to its limit; raise `InvalidBodyError`."""
    if request.mimetype in LINES:
        return _of_lines(_text(request), now)
    if not request.is_json:
        raise UnsupportedMediaType(f"Send the entries as application/json or {LINES[0]}.")
    return ingest.read(decoding.items(_text(request)), now)


def _of_lines(text: str, now: int) -> list[Entry]:
    places: list[int] = []

    def rows() -> Iterator[object]:
        for place, row in decoding.lines(text):
            places.append(place)
            yield row

    try:
        return ingest.read(rows(), now)
    except InvalidEntryError as error:
        raise InvalidEntryError(_add_line(error.errors, places)) from None


def _add_line(errors: Iterable[FieldError], places: Sequence[int]) -> list[FieldError]:
    """Add the line number, which differs from the entry's place after blank lines."""
    return [
        replace(error, detail=f"{error.detail} (line {places[error.index]})") if error.index is not None else error
        for error in errors
    ]


def _receive(request: Request) -> bytes:
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise
    except Exception as error:  # each server has its own errors for malformed chunks
        raise unreadable(error, "The body cannot be read: it is incomplete, or its chunks are malformed.") from error


def unreadable(error: Exception, detail: str) -> HTTPException:
    """Return the answer to a body that cannot be read: 408 if it came too slowly, else 400 with the detail.

    Raises the error itself if it is a fault of this machine.
    """
    if faults.is_passing(error):
        raise error
    # Werkzeug replaces the error of the stream with its own.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return RequestTimeout("The body came too slowly.")
    return BadRequest(detail)


def _text(request: Request) -> str:
    body = _receive(request)
    # Werkzeug silently cuts a body of unknown length at the limit.
    if request.content_length is None and len(body) >= (request.max_content_length or sys.maxsize):
        raise RequestEntityTooLarge
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise decoding.NotJsonError(f"The body is not UTF-8: byte {error.start} is not.") from None
