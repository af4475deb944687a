"""The options of reading a bill, and the fingerprint that tells whether another reading would differ."""

from dataclasses import replace
from typing import Any

import pytest

from kumo.engine.imports.choices import Choices, check_map

MAP = "timestamp=Date,amount=Cost,service=Product,currency==EUR"
PLAIN = Choices()


@pytest.mark.parametrize(
    "changes",
    [
        {"granularity": "hourly"},
        {"amount": "billed"},
        {"currency": "EUR"},
        {"account": "0042"},
        {"detect": frozenset({"tax"})},
        {"map": MAP},
        {"complete": True},
        {"source": "finance"},
        {"counts": "finance"},
        {"tag_keys": ("team",)},
    ],
)
def test_an_option_that_changes_entries_changes_the_fingerprint(changes: dict[str, Any]) -> None:
    changed = replace(PLAIN, **changes)
    assert changed.fingerprint("d") != PLAIN.fingerprint("d")
    assert changed.fingerprint("d") == replace(PLAIN, **changes).fingerprint("d") != changed.fingerprint("e")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"again": True}, {}),
        ({"max_bytes": 1, "max_records": 1, "max_totals": 1}, {}),
        ({"detect": frozenset({"usage"})}, {}),
        ({"detect": frozenset({"tax", "fee"})}, {"detect": frozenset({"fee", "usage", "tax"})}),
        ({"tag_keys": ("Team", "env")}, {"tag_keys": ("ENV", "team")}),
    ],
)
def test_an_option_that_changes_no_entry_leaves_the_fingerprint(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert replace(PLAIN, **one).fingerprint("d") == replace(PLAIN, **other).fingerprint("d")


def test_a_source_and_what_counts_are_not_mistaken_for_each_other() -> None:
    assert replace(PLAIN, source="a").fingerprint("d") != replace(PLAIN, counts="a").fingerprint("d")
    assert replace(PLAIN, currency="a").fingerprint("d") != replace(PLAIN, account="a").fingerprint("d")


def test_the_reader_is_given_the_map_and_the_limits() -> None:
    options = Choices(map=MAP, currency="USD", account="0042", tag_keys=("team",), max_records=7).options
    assert options.columns is not None
    assert (options.currency, options.account, options.tag_keys) == ("USD", "0042", ("team",))
    assert (options.max_records, options.max_bytes) == (7, PLAIN.max_bytes)
    assert PLAIN.options.columns is None


@pytest.mark.parametrize("text", ["x", "amount", "timestamp=", "nothing=x", "amount=a,amount=b"])
def test_a_map_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check_map(text)
    with pytest.raises(ValueError, match=r"\w"):
        _ = Choices(map=text).options


def test_a_map_that_makes_sense_is_returned_as_it_is() -> None:
    assert check_map(MAP) == MAP
