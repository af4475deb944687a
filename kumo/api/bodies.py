"""Request bodies, read exactly: no number passes through a float, every refusal says where."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask import Request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, UnsupportedMediaType

from kumo.domain.entries import Entry, read_entry
from kumo.engine import ingest
from kumo.errors import FieldError, InvalidBodyError, InvalidEntryError

LINES: Final = ("application/x-ndjson", "application/jsonl")
# Longer whole numbers are out of range anyway, and Python's int() takes its time or refuses.
MAX_DIGITS: Final = 40


class NotJsonError(BadRequest):
    """The body is not JSON; `errors` names the entry of a batch where it is in one."""

    def __init__(self, detail: str, index: int | None = None) -> None:
        """Keep where it went wrong."""
        super().__init__(detail)
        self.errors = [] if index is None else [FieldError("", detail, index)]


def _number(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond all bounds: too large, or nothing
        return Decimal("NaN")


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MAX_DIGITS else _number(digits)


# NaN and Infinity are not JSON, but what some clients send: read, so that the field can be named.
_DECODER: Final = json.JSONDecoder(parse_float=_number, parse_int=_whole, parse_constant=Decimal)


def entry(request: Request, now: int) -> Entry:
    """Read the one entry of a request; raises `InvalidEntryError`."""
    if not request.is_json:
        raise UnsupportedMediaType("Send the entry as application/json.")
    found = read_entry(_decoded(_text(request)), now)
    if isinstance(found, Entry):
        return found
    raise InvalidEntryError(found)


def named(error: ValidationError, location: str | None = None) -> list[FieldError]:
    """Name each field that a schema refuses; webargs puts them under the location that they came from."""
    messages = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow gives none
    wrong = messages if location is None else messages[location]
    return [FieldError(name, " ".join(details)) for name, details in wrong.items()]


def loaded(request: Request, schema: Schema) -> Any:  # noqa: ANN401 - what the schema makes of it
    """Read a body that is no entry by its schema; raises `InvalidBodyError`."""
    if not request.is_json:
        raise UnsupportedMediaType("Send the body as application/json.")
    document = _decoded(_text(request))
    if not isinstance(document, dict):
        raise InvalidBodyError([FieldError("", "must be an object")])
    try:
        return schema.load(document)
    except ValidationError as error:
        raise InvalidBodyError(named(error)) from None


def entries(request: Request, now: int) -> list[Entry]:
    """Read the entries of a batch; raises `InvalidEntryError`."""
    if request.mimetype in LINES:
        return _of_lines(_text(request), now)
    if not request.is_json:
        raise UnsupportedMediaType(f"Send the entries as application/json or {LINES[0]}.")
    rows = _decoded(_text(request))
    if not isinstance(rows, list):
        raise InvalidEntryError([FieldError("", "must be an array of entries")])
    return ingest.read(rows, now)


def _of_lines(text: str, now: int) -> list[Entry]:
    # Not splitlines(): U+2028 and the like end no line of JSON.
    lines = [(place, line) for place, line in enumerate(text.split("\n"), 1) if line.strip(" \t\r")]
    rows = [_decoded(line, at=(index, place)) for index, (place, line) in enumerate(lines)]
    try:
        return ingest.read(rows, now)
    except InvalidEntryError as error:
        raise InvalidEntryError(_placed(error.errors, lines)) from None


def _placed(errors: Iterable[FieldError], lines: Sequence[tuple[int, str]]) -> list[FieldError]:
    """Add the line, which is not the entry's place where lines are blank."""
    return [
        replace(error, detail=f"{error.detail} (line {lines[error.index][0]})") if error.index is not None else error
        for error in errors
    ]


def _received(request: Request) -> bytes:
    try:
        return request.get_data()
    except HTTPException:
        raise
    except Exception as error:  # each server has errors of its own for chunks that are none
        raise BadRequest("The body cannot be read: it breaks off, or its chunks are wrong.") from error


def _text(request: Request) -> str:
    body = _received(request)
    # Werkzeug cuts a body of unsaid length at the limit, without a word.
    if request.content_length is None and len(body) >= (request.max_content_length or sys.maxsize):
        raise RequestEntityTooLarge
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJsonError(f"The body is not UTF-8: byte {error.start} is not.") from None


def _decoded(text: str, at: tuple[int, int] | None = None) -> Any:  # noqa: ANN401 - JSON can be anything
    """Decode a body, or one line of it: `at` is its (index, line) then."""
    index, line = at or (None, None)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {line or error.lineno}, column {error.colno}"
        raise NotJsonError(f"The body is not JSON: {error.msg} at {place}.", index) from None
    except RecursionError:
        raise NotJsonError("The body is nested too deeply.", index) from None
