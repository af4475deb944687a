"""The stored form of a total."""

import pytest

from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.store.total_codec import read_total, write_total


@pytest.mark.parametrize("micros", [0, 1, -1, 10**9, -(10**9), 10**18 + 999_999_999, -(10**18) - 999_999_999])
def test_a_total_is_read_as_it_was_written(micros: int) -> None:
    total = PeriodTotal(micros=micros, entries=3)
    assert read_total(write_total(total).encode()) == total


def test_nothing_is_written_as_nothing() -> None:
    assert write_total(NOTHING) == ""


def test_the_parts_of_an_amount_have_its_sign() -> None:
    assert write_total(PeriodTotal(micros=-(10**9) - 5, entries=1)) == "1 -1 -5"
