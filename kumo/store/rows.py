"""Rows: dataclasses as JSON, so that one version of Kumo can read rows of a newer or older one.

An unknown field is ignored, but kept in an `Extensible`; a missing field has its default; the text of an unknown enum
member stays as text and equals no member; unknown items of a tuple are ignored. A field of another type is an error
that names key and field.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from kumo.errors import StoredRowError

UNKNOWN: Final = "unknown"
_SCALARS: Final = (str, int, float, NoneType)

_Row = TypeVar("_Row")
_Member = TypeVar("_Member", bound=StrEnum)
# Parses one value; raises _WrongError with the path to the fault.
_Reader = Callable[[Any], Any]


class _WrongError(Exception):
    """A value is wrong; `path` has the names of its place, the innermost first."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.path: list[str] = []


def dump(row: Any) -> str:  # noqa: ANN401 - a dataclass
    """Write a row as JSON."""
    return json.dumps(_plain(row), ensure_ascii=False, separators=(",", ":"))


def load(kind: type[_Row], text: bytes, key: str, **given: Any) -> _Row:  # noqa: ANN401 - values of fields
    """Parse a row stored at a key; `given` are fields that are not in its text.

    Raises `StoredRowError`.
    """
    return build(kind, parse(text, key) | given, key)


def parse(text: bytes, key: str) -> dict[str, Any]:
    """Parse the fields of a row stored at a key; raise `StoredRowError`."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise StoredRowError(f"{key} holds no JSON: {error}") from None
    if not isinstance(values, dict):
        raise StoredRowError(f"{key} holds no JSON object, but {values!r:.80}")
    return values


def build(kind: type[_Row], values: Mapping[str, Any], key: str) -> _Row:
    """Build a row from the fields stored at a key; raise `StoredRowError`."""
    try:
        row: _Row = _compile(kind)(values)  # type: ignore[arg-type]  # a class can be hashed
    except _WrongError as wrong:
        place = f"{'.'.join(reversed(wrong.path))} " if wrong.path else ""
        raise StoredRowError(f"{key}: {place}{wrong}") from None
    return row


def member(kind: type[_Member], text: str) -> _Member:
    """Return the member of an enum; an unknown text becomes a value that equals no other."""
    try:
        return kind(text)
    except ValueError:
        strange = str.__new__(kind, text)
        strange._name_, strange._value_ = UNKNOWN.upper(), text
        return strange


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a field
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    own = {name: _plain(getattr(value, name)) for name in _names(type(value))}  # type: ignore[arg-type]  # as above
    return own | dict(getattr(value, UNKNOWN, ()))


@cache
def _names(kind: Any) -> list[str]:  # noqa: ANN401 - a dataclass
    return [each.name for each in fields(kind) if each.name != UNKNOWN]


@cache
def _compile(kind: Any) -> _Reader:  # noqa: ANN401 - a dataclass
    """Return the parser of the rows of a dataclass."""
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _names(kind)}
    needed = {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}
    extensible = UNKNOWN in hints

    def read(values: Any) -> Any:  # noqa: ANN401 - as json gives them
        _need(isinstance(values, Mapping), "an object", values)
        known = {name: _at(name, reader, values[name]) for name, reader in readers.items() if name in values}
        for name in needed - known.keys():
            raise _WrongError(f"has no {name}")
        if extensible:
            known[UNKNOWN] = {name: value for name, value in values.items() if name not in readers}
        return kind(**known)

    return read


def _at(place: str, reader: _Reader, value: Any) -> Any:  # noqa: ANN401 - any value of a field
    try:
        return reader(value)
    except _WrongError as wrong:
        wrong.path.append(place)
        raise


def _need(fits: bool, wanted: str, value: Any) -> None:  # noqa: ANN401, FBT001 - any value of a field
    if not fits:
        raise _WrongError(f"must be {wanted}, not {value!r:.80}")


_PLAIN: Final[Mapping[Any, tuple[tuple[type, ...], str]]] = {
    str: ((str,), "a text"),
    int: ((int,), "a whole number"),
    float: ((float, int), "a number"),
    bool: ((bool,), "true or false"),
    bytes: ((bytes,), "bytes"),
    Any: ((bool, int, float, str, list, dict, NoneType), "anything"),
}


def _reader(hint: Any) -> _Reader:  # noqa: ANN401 - a type of a field
    """Return the parser of values of a type."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        [wanted] = (arg for arg in args if arg is not NoneType)
        return partial(_optional, _reader(wanted))
    if origin is Literal:
        return partial(_literal, args)
    if origin is not None:
        return _container(origin, args)
    if hint in _PLAIN:
        return partial(_scalar, *_PLAIN[hint])
    return partial(_member, hint) if issubclass(hint, StrEnum) else _compile(hint)


def _container(origin: type, args: tuple[Any, ...]) -> _Reader:
    """Return the parser of a tuple, a set or a mapping."""
    if origin is tuple and args[-1] is not Ellipsis:
        return partial(_read_fixed, tuple(map(_reader, args)))
    if issubclass(origin, Mapping):
        return partial(_mapping, _reader(args[1]))
    return partial(_many, origin, _reader(args[0]))


def _scalar(kinds: tuple[type, ...], wanted: str, value: Any) -> Any:  # noqa: ANN401 - any value of a field
    _need(type(value) in kinds, wanted, value)
    return value


def _member(kind: type[StrEnum], value: Any) -> StrEnum:  # noqa: ANN401 - any value of a field
    _need(isinstance(value, str), "a text", value)
    return member(kind, value)


def _literal(allowed: tuple[str, ...], value: Any) -> Any:  # noqa: ANN401 - any value of a field
    _need(value in allowed, " or ".join(allowed), value)
    return value


def _optional(reader: _Reader, value: Any) -> Any:  # noqa: ANN401 - any value of a field
    return None if value is None else reader(value)


def _many(kind: type, reader: _Reader, value: Any) -> Any:  # noqa: ANN401 - any value of a field
    _need(isinstance(value, (list, tuple)), "a list", value)
    return kind(_at(str(place), reader, item) for place, item in enumerate(value))


def _read_fixed(readers: tuple[_Reader, ...], value: Any) -> Any:  # noqa: ANN401 - any value of a field
    _need(isinstance(value, (list, tuple)) and len(value) >= len(readers), f"a list of {len(readers)}", value)
    return tuple(_at(str(place), reader, value[place]) for place, reader in enumerate(readers))


def _mapping(reader: _Reader, value: Any) -> Any:  # noqa: ANN401 - any value of a field
    _need(isinstance(value, Mapping), "an object", value)
    return {name: _at(name, reader, item) for name, item in value.items()}
