"""Hooks for Schemathesis: rules of our formats that JSON Schema cannot express, and how to write lines."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st

from kumo.api.schemas import cursors
from kumo.api.schemas.bills import MAP_EXAMPLE
from kumo.api.schemas.entries import KEY
from kumo.domain import money
from kumo.domain.entries import MAX_TEXT
from kumo.domain.names import is_visible

NOW: Final = datetime.now(UTC)
EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - hypothesis wants bounds without an offset
TIMES: Final = st.datetimes(EPOCH, NOW.replace(tzinfo=None), timezones=st.just(UTC)).map(datetime.isoformat)
# Five years: a summary takes at most ten.
DAYS: Final = st.dates(NOW.date() - timedelta(days=1800), NOW.date()).map(str)

# A time from 1970 to a day ahead; a name that shows something; a number in a string within its bounds.
schemathesis.openapi.format("date-time", TIMES)
schemathesis.openapi.format("date", DAYS)
schemathesis.openapi.format("time-or-date", DAYS | TIMES)
schemathesis.openapi.format("by-tag", st.sampled_from(["tag:team", "tag:ENV"]))
schemathesis.openapi.format("column-map", st.just(MAP_EXAMPLE))
for each in cursors.LISTS:
    schemathesis.openapi.format(f"{each.name}-cursor", st.just(each.example))
schemathesis.openapi.format("visible-name", st.text(min_size=1, max_size=MAX_TEXT).filter(is_visible))
schemathesis.openapi.format("decimal", st.integers(-money.MAX_MICROS, money.MAX_MICROS).map(money.exact))


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def lines(_: schemathesis.SerializationContext, value: Any) -> bytes:  # noqa: ANN401
    """Write a batch as lines; the document's example is written already."""
    if isinstance(value, str):
        return value.encode()
    rows = value if isinstance(value, list) else [value]
    return "\n".join(map(json.dumps, rows)).encode()


@schemathesis.hook
def filter_body(_: schemathesis.HookContext, body: Any) -> bool:  # noqa: ANN401
    """Leave out tags of overlong names, which Schemathesis makes as if `propertyNames` had no limit.

    tests/api/test_bad_input.py has them.
    """
    entries = body if isinstance(body, list) else [body]
    tags = (entry.get("tags") for entry in entries if isinstance(entry, dict))
    return all(len(name) <= MAX_TEXT for pairs in tags if isinstance(pairs, dict) for name in pairs)


def fit_query(path: str, query: dict[str, Any]) -> None:
    """Turn a range round that does not end after it begins, and leave out filters that are no part of the dimension."""
    begin, end, dimension = (query.get(name) for name in ("from", "to", "dimension"))
    if isinstance(begin, str) and isinstance(end, str) and begin >= end:
        query |= {"from": end, "to": begin}
        if begin == end:
            query.pop("to")
    if path == "/groups/" and isinstance(dimension, str):
        parts = {*dimension.split(","), dimension.lower().replace("tag:", "tag.")}
        for name in {"service", "provider", "account", "region", "tag.team"} - parts:
            query.pop(name, None)


_numbers: Final = count()


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case[Any], __: dict[str, Any]) -> None:
    """Give each request its own key, because a repeated one with another body is refused; and no conditions."""
    # A changed case is no longer known as the one without Authorization; that one gets nowhere.
    keyless = case.meta is not None and getattr(case.meta.phase.data, "parameter", "") == "Authorization"
    key = case.headers.get("Idempotency-Key")
    if case.meta is not None and case.meta.generation.mode.is_positive:
        fit_query(case.path, case.query)
    if not keyless:
        # No invented tag is that of a policy, which is refused correctly.
        for name in ("If-Match", "If-None-Match"):
            case.headers.pop(name, None)
    if isinstance(key, str) and KEY.fullmatch(key) and not keyless:
        case.headers["Idempotency-Key"] = f"{key[:180]}#{next(_numbers)}"
