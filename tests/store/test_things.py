"""Rows of things and verdicts on totals, written and read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.services import Services
from kumo.store import things
from kumo.store.period_codec import pack_period
from kumo.store.things import NEW_THING, ThingRow, pack_thing, unpack_thing

THING = "a" * 16
amounts = st.integers(-(10**25), 10**25)
days = st.integers(0, 2**31)


@given(
    st.builds(
        ThingRow,
        days=st.binary(max_size=1200),
        first=days,
        alarms=st.dictionaries(days, st.none() | amounts, max_size=4),
    )
)
def test_a_row_is_read_as_it_was_written(row: ThingRow) -> None:
    assert unpack_thing(pack_thing(row)) == row
    assert unpack_thing(pack_thing(row) + b"of a newer version") == row


@pytest.mark.parametrize("packed", [None, b"", b"\x09anything"])
def test_a_thing_without_a_row_of_this_version_is_new(packed: bytes | None) -> None:
    assert unpack_thing(packed) == NEW_THING


def test_verdicts_of_days_are_read_in_order_across_blocks(services: Services) -> None:
    store = services.store
    partition = store.partition(THING)
    for day in (300, 255, 256, 10):
        period = JudgedPeriod(
            number=day,
            micros=day,
            status=TotalStatus.NORMAL,
            usual=day,
            limit=None,
            score=None,
            threshold=3.0,
            detector="zscore",
        )
        store.client.hset(f"{partition.periods}{THING}:{day // 256}", str(day % 256), pack_period(period))
    found = things.read_periods(store, [THING, "b" * 16], 11, 299)
    assert {thing: list(periods) for thing, periods in found.items()} == {THING: [255, 256], "b" * 16: []}
