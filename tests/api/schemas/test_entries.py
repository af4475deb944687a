import re
from typing import Any

import pytest

from kumo.api.schemas.entries import EntrySchema, parse_key, parse_wait
from kumo.domain.entries import FIELDS, REQUIRED, Entry, read_entry

NOW = 1_800_000_000_000


def test_the_document_names_the_fields_that_are_taken_and_no_other() -> None:
    fields = EntrySchema().fields
    assert list(fields) == list(FIELDS)
    assert {name for name, field in fields.items() if field.required} == set(REQUIRED)


def test_the_example_is_an_entry() -> None:
    assert isinstance(read_entry(EntrySchema.example(), NOW), Entry)


def limits(name: str) -> list[tuple[Any, bool]]:
    """Values at a documented limit, which is taken, and just beyond, which is not."""
    about = EntrySchema().fields[name].metadata
    if "maxLength" in about:
        return [("x" * about["maxLength"], True), ("x" * (about["maxLength"] + 1), False)]
    if "enum" in about:
        return [*((value, True) for value in about["enum"]), ("XXX", False)]
    if "maxProperties" in about:
        most, longest = about["maxProperties"], about["propertyNames"]["maxLength"]
        many = {str(number): "" for number in range(most)}
        return [(many, True), (many | {"more": ""}, False), ({"x" * (longest + 1): ""}, False)]
    if name in {"amount", "quantity"}:
        number, text, *_ = about["anyOf"]
        largest = [(number["maximum"], True), (number["maximum"] + 1, False), (number["minimum"] - 1, False)]
        return [*largest, ("1" + "0" * text["maxLength"], False), ("0" * text["maxLength"], True)]
    return []


@pytest.mark.parametrize("text", ["bill:", "bill:x", "bill", "bill-1", "Bill:1", " bill:", ""])
def test_the_documented_pattern_is_the_one_that_holds(text: str) -> None:
    pattern = EntrySchema().fields["external_id"].metadata["pattern"]
    found = read_entry({"service": "x", "amount": 1, "external_id": text}, NOW)
    assert isinstance(found, Entry) == bool(re.search(pattern, text))


@pytest.mark.parametrize("name", FIELDS)
def test_documented_limits_are_the_ones_that_hold(name: str) -> None:
    for value, taken in limits(name):
        found = read_entry({"service": "x", "amount": 1} | {name: value}, NOW)
        assert isinstance(found, Entry) == taken, value


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=5", 5),
        ("WAIT = 5", 5),
        ('wait="5"', 5),
        ("wait=0", 0),
        ("wait=99999", 10),
        ("respond-async, wait=3; foo=bar", 3),
        ("wait=2, wait=4", 2),
        ('foo="a, wait=5", wait=3', 3),
        ("", None),
        ("wait", None),
        ("wait=", None),
        ("wait=-1", None),
        ("wait=1.5", None),
        ('wait="5', None),
        ("wait=٣", None),
        ("awaits=5", None),
    ],
)
def test_a_preference_to_wait_is_found_and_anything_else_ignored(prefer: str, seconds: int | None) -> None:
    assert parse_wait(prefer) == seconds


@pytest.mark.parametrize("key", ["a", "~" * 200, "bill 2026-01", '"quoted"'])
def test_a_printable_key_is_taken(key: str) -> None:
    assert parse_key(key) == key


@pytest.mark.parametrize("key", ["", "~" * 201, "a\tb", "schlüssel", " a", "a "])
def test_a_key_that_is_empty_long_or_unprintable_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="1 to 200 printable"):
        parse_key(key)
