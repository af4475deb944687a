"""Totals of periods are exact after any history."""

from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.totals.amounts import NOTHING, PeriodTotal, encode_unit, entry_total

UNITS = ("GB", "hours", "")
CODES = {encode_unit(unit): unit for unit in UNITS}
ENTRIES = st.builds(
    entry_total,
    st.integers(-(10**18), 10**18),
    st.none() | st.integers(-(10**18), 10**18),
    st.sampled_from(UNITS),
)


def add(totals: list[PeriodTotal]) -> PeriodTotal:
    found = NOTHING
    for each in totals:
        found = found.combine(each)
    return found


@given(st.lists(ENTRIES, max_size=8), st.lists(ENTRIES, max_size=8), st.data())
def test_what_was_added_and_removed_leaves_no_trace(kept: list, removed: list, data: st.DataObject) -> None:
    steps = [*kept, *removed, *(each.negate() for each in removed)]
    assert add(data.draw(st.permutations(steps))) == add(kept)


def test_a_quantity_is_known_if_all_entries_have_one_of_one_unit() -> None:
    hours = [entry_total(5, 10, "hours"), entry_total(6, 20, "Hours ")]
    assert add(hours).measure(CODES) == (30, "hours")
    assert add([*hours, entry_total(7)]).measure(CODES) is None
    assert add([*hours, entry_total(7, 1, "GB")]).measure(CODES) is None
    assert add([*hours, entry_total(7, 1, "GB"), entry_total(7, 1, "GB").negate()]).measure(CODES) == (30, "hours")
    assert entry_total(5, 10, "of nobody").measure(CODES) is None
    assert NOTHING.measure(CODES) is None


def test_a_period_whose_entries_were_all_removed_has_no_total() -> None:
    entry = entry_total(0)
    assert entry.exists
    assert not entry.combine(entry.negate()).exists
