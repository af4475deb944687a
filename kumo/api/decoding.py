"""Decode JSON of clients piece by piece, so that a body needs little memory whatever it contains.

A decoder turns 15 MB of `[{},{},…]` into 400 MB of objects before anyone can count them. So entries are decoded one by
one, each from a window of the text with the length of the longest entry.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any, Final

from werkzeug.exceptions import BadRequest

from kumo.errors import FieldError, InvalidBodyError

# Longest text of one entry, or of a body that is not a batch. The largest entry, with each character escaped, has
# 262,000. The limit is low because no other thread runs while a decoder works.
MAX_DOCUMENT: Final = 300_000
# Longer integers are out of range anyway, and Python's int() is slow or refuses them.
MAX_DIGITS: Final = 40
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_BETWEEN: Final = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*")
# Largest distance from the end of a window of an error that the cut causes: inside a word such as -Infinity.
_CUT: Final = 16
# Additional length of a window, so that a value near its start fits without a second try.
_SLACK: Final = 4_096


class NotJsonError(BadRequest):
    """The body is not JSON; `errors` names the entry if the body is a batch."""

    def __init__(self, detail: str, index: int | None = None) -> None:
        """Keep the place of the error."""
        super().__init__(detail)
        self.errors = [] if index is None else [FieldError("", detail, index)]


def _number(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent out of range: too large, or zero
        return Decimal("NaN")


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MAX_DIGITS else _number(digits)


# NaN and Infinity are not JSON, but some clients send them. They are read, so that the error can name the field.
_DECODER: Final = json.JSONDecoder(parse_float=_number, parse_int=_whole, parse_constant=Decimal)


def document(text: str) -> Any:  # noqa: ANN401 - JSON can be anything
    """Decode a body with one document; raise `NotJsonError`, or `InvalidBodyError` if it is too long."""
    value, end = _Buffer(text).decode(_skip(text, 0), None)
    _end(text, end)
    return value


def items(text: str) -> Iterator[Any]:
    """Decode a body that is an array, item by item; raise the errors of `document` when they occur."""
    window = _Buffer(text)
    at = _skip(text, 0)
    if not text.startswith("[", at):
        document(text)  # raises if it is not even JSON
        raise InvalidBodyError([FieldError("", "must be an array of entries")])
    at = _skip(text, at + 1)
    if text.startswith("]", at):
        return _end(text, at + 1)
    for index in count():
        value, at = window.decode(at, index)
        yield value
        found = _BETWEEN.match(text, at)
        if found is None:
            raise _not_json(text, "Expecting ',' delimiter", _skip(text, at), index)
        at = found.end()
        if found[1] == "]":
            return _end(text, at)
    return None


def lines(text: str) -> Iterator[tuple[int, Any]]:
    """Decode a body with one document on each line; yield each with its line number. Skip blank lines.

    Raises the errors of `document`. Does not use splitlines(), because U+2028 and similar do not end a line of JSON.
    """
    at = number = index = 0
    while (start := _skip(text, at)) < len(text):
        number += text.count("\n", at, start)
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield number + 1, _line(text, start, end, index)
        at, index = end, index + 1


def _line(text: str, start: int, end: int, index: int) -> Any:  # noqa: ANN401 - JSON can be anything
    if end - start > MAX_DOCUMENT:
        raise _too_long(index)
    try:
        return _DECODER.decode(text[start:end])
    except json.JSONDecodeError as error:
        raise _not_json(text, error.msg, start + error.pos, index) from None
    except RecursionError:
        raise _too_deep(index) from None


class _Buffer:
    """A window of a text that moves with the decoded part."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._move(0)

    def _move(self, at: int) -> None:
        end = at + MAX_DOCUMENT + _SLACK
        self._start, self._part = at, self._text[at:end]
        self._last = end >= len(self._text)

    def decode(self, at: int, index: int | None) -> tuple[Any, int]:
        """Decode the value at a position; return it with the position after it. `index` is its place in a batch."""
        found = self._try(at, index)
        if found is None and at - self._start > _SLACK:
            self._move(at)
            found = self._try(at, index)
        if found is None or found[1] - at > MAX_DOCUMENT:
            raise _too_long(index)
        return found

    def _try(self, at: int, index: int | None) -> tuple[Any, int] | None:
        """Decode a value; None if the window may end before the value does."""
        try:
            value, end = _DECODER.raw_decode(self._part, at - self._start)
        except json.JSONDecodeError as error:
            if self._may_be_cut(error):
                return None
            raise _not_json(self._text, error.msg, self._start + error.pos, index) from None
        except RecursionError:
            raise _too_deep(index) from None
        # A number may continue after the window.
        return None if end == len(self._part) and not self._last else (value, self._start + end)

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        near = error.pos > len(self._part) - _CUT or error.msg.startswith("Unterminated string")
        return near and not self._last


def _skip(text: str, at: int) -> int:
    """Return the next position that is not blank."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _end(text: str, at: int) -> None:
    """Check that only white space follows."""
    if (rest := _skip(text, at)) < len(text):
        raise _not_json(text, "Extra data", rest, None)


def _not_json(text: str, detail: str, at: int, index: int | None) -> NotJsonError:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return NotJsonError(f"The body is not JSON: {detail} at line {line}, column {column}.", index)


def _too_deep(index: int | None) -> NotJsonError:
    return NotJsonError("The body is nested too deeply.", index)


def _too_long(index: int | None) -> InvalidBodyError:
    return InvalidBodyError([FieldError("", f"must not be longer than {MAX_DOCUMENT} characters", index)])
