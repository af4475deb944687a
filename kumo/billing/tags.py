"""Tags and labels, in the many forms of bills."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from kumo.billing import literals
from kumo.billing.amounts import ABSENT
from kumo.billing.errors import BillError
from kumo.billing.row import NO_TAGS


def read(value: object) -> Mapping[str, str]:
    """Parse tags; raise `ValueError` for malformed ones.

    Accepts a JSON object, also without its braces (Azure), a list of `{key, value}` (Google) and a list of pairs
    (a map of Parquet), as text or as the values themselves.
    """
    if isinstance(value, str):
        return _text(value)
    return MappingProxyType(_pairs(value)) if value else NO_TAGS


def _text(text: str) -> Mapping[str, str]:
    stripped = text.strip()
    if stripped in ABSENT or stripped in {"{}", "[]"}:
        return NO_TAGS
    braced = stripped if stripped[0] in "{[" else f"{{{stripped}}}"
    return MappingProxyType(_pairs(literals.parse(braced)))


def _pairs(value: object) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if not isinstance(value, list):
        raise ValueError("is neither a list nor an object of tags")
    return dict(_pair(item) for item in value)


def _pair(item: object) -> tuple[str, str]:
    match item:
        case {"key": key, **rest}:
            return str(key), plain(rest.get("value"))
        case [key, value]:
            return str(key), plain(value)
    raise ValueError("has an item without key and value")


def plain(value: object) -> str:
    """Write a value of JSON as text: bills have numbers, booleans and nulls instead of texts.

    Raises `BillError` for lists and objects that are nested too deep.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (Decimal, Mapping, Sequence)):
        return str(value) if isinstance(value, Decimal) else _dump(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dump(value: object) -> str:
    try:
        return json.dumps(value, default=str)
    except RecursionError:
        raise BillError("is nested too deep") from None
