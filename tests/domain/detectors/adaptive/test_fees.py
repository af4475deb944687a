import pytest

from kumo.domain.detectors.adaptive.fees import TOLERANCE, Fees


def test_what_a_day_had_beyond_the_usual_is_expected_when_it_comes_again() -> None:
    fees = Fees().absorb(100, 0, 0.0).absorb(100, 0, 500.0).absorb(100, 0, 20.0).absorb(101, 1, 0.0)
    assert fees.allowance(0, 900.0, notable=True) == TOLERANCE * 500.0
    assert fees.allowance(1, 900.0, notable=True) == 0.0


def test_it_is_forgotten_once_the_day_comes_without() -> None:
    fees = Fees().absorb(100, 0, 500.0).absorb(131, 0, 0.0).absorb(132, 1, 0.0)
    assert fees.allowance(0, 900.0, notable=True) == 0.0


def test_a_person_may_announce_one() -> None:
    assert Fees().expecting(4, 70.0).allowance(4, 900.0, notable=True) == TOLERANCE * 70.0


@pytest.mark.parametrize(
    ("fees", "of_month", "notable", "allowed"),
    [
        (Fees(), 0, True, 900.0),  # a fee, it may be
        (Fees(), 0, False, 0.0),  # noise is not one
        (Fees(), 1, True, 0.0),  # fees fall on the 1st
        (Fees().absorb(100, 0, 700.0), 0, True, 0.0),  # and come once
        (Fees().absorb(100, 0, 0.0).absorb(101, 1, 0.0), 0, True, 0.0),  # there was a 1st, without
    ],
)
def test_of_the_first_1st_one_notable_entry_may_be_a_fee(
    *, fees: Fees, of_month: int, notable: bool, allowed: float
) -> None:
    assert fees.allowance(of_month, 900.0, notable=notable) == allowed
