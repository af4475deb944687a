"""The details of an entry come back as they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.entries import Entry, Series
from kumo.domain.money import MAX_MICROS
from kumo.store import entry_codec

SERIES = Series("EC2", "USD")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
MICROS = st.integers(-MAX_MICROS, MAX_MICROS)


def dump(entry: Entry) -> bytes:
    """Write an entry as `record.lua` stores it: the amount, and what follows a space where there is more."""
    rest = entry_codec.dump_rest(entry)
    return f"{entry.amount} {rest}".encode() if rest else str(entry.amount).encode()


def entries() -> st.SearchStrategy[Entry]:
    """Generate entries as they may be stored. A key of parts has at least one value."""
    parts = st.dictionaries(NAMES, st.dictionaries(NAMES, MICROS, min_size=2, max_size=3), max_size=2)
    return st.builds(
        Entry,
        series=st.just(SERIES),
        amount=MICROS,
        timestamp=st.just(5),
        external_id=NAMES,
        tags=st.dictionaries(NAMES, NAMES, max_size=2),
        quantity=st.none() | MICROS,
        resource=NAMES,
        parts=parts,
        billed=st.none() | MICROS,
        contributors=st.lists(st.tuples(NAMES, MICROS), max_size=2).map(tuple),
    )


@given(entries())
def test_an_entry_comes_back_as_it_was_written(entry: Entry) -> None:
    text = dump(entry)
    assert entry_codec.read_entry(SERIES, 5, text) == entry
    assert entry_codec.read_amount(text) == entry.amount
    assert entry_codec.read_contributors(text) == entry.contributors
    assert entry_codec.read_labelled(text) == (entry.amount, entry.labels)
    assert entry_codec.read_external_id(entry_codec.dump_rest(entry)) == entry.external_id


@pytest.mark.parametrize(
    ("entry", "rest"),
    [
        (Entry(SERIES, 1, 5), ""),
        (Entry(SERIES, 1, 5, external_id="a"), '"a"'),
        (Entry(SERIES, 1, 5, external_id="a", tags={"k": "v"}), '{"external_id":"a","tags":{"k":"v"}}'),
        (Entry(SERIES, 1, 5, quantity=0), "\n[0]"),
        (Entry(SERIES, 1, 5, external_id="a", quantity=2, unit="GB"), '"a"\n[2,"GB"]'),
        (Entry(SERIES, 1, 5, unit="GB"), '\n[null,"GB"]'),
        (Entry(SERIES, 1, 5, billed=0), '{"b":0}'),
        (Entry(SERIES, 1, 5, parts={"k": {"v": 1}}), '{"p":[["k","v"]]}'),
    ],
)
def test_the_rest_is_as_short_as_it_can_be(entry: Entry, rest: str) -> None:
    assert entry_codec.dump_rest(entry) == rest
    assert entry_codec.read_entry(SERIES, 5, dump(entry)) == entry


def test_a_value_that_had_the_whole_amount_has_it_after_a_restatement() -> None:
    rest = entry_codec.dump_rest(Entry(SERIES, 1, 5, parts={"k": {"v": 1}}))
    assert entry_codec.read_labels(f"7 {rest}".encode()) == {"k": {"v": 7}}


def test_what_a_newer_version_added_is_left_out() -> None:
    text = b'5 {"external_id":"a","later":[1],"c":[["i-1",5,"more"]]}\n[2,"GB","more"]\nanother line'
    entry = entry_codec.read_entry(SERIES, 5, text)
    assert (entry.external_id, entry.contributors, entry.quantity, entry.unit) == ("a", (("i-1", 5),), 2, "GB")
