from kumo.domain.adaptive.fees import TOLERANCE, Fees


def test_what_a_day_had_beyond_the_usual_is_expected_when_it_comes_again() -> None:
    fees = Fees().absorbed(100, 0, 0.0).absorbed(100, 0, 500.0).absorbed(100, 0, 20.0).absorbed(101, 1, 0.0)
    assert fees.allowance(0) == TOLERANCE * 500.0
    assert fees.allowance(1) == 0.0


def test_it_is_forgotten_once_the_day_comes_without() -> None:
    fees = Fees().absorbed(100, 0, 500.0).absorbed(131, 0, 0.0).absorbed(132, 1, 0.0)
    assert fees.allowance(0) == 0.0


def test_a_person_may_announce_one() -> None:
    assert Fees().expecting(4, 70.0).allowance(4) == TOLERANCE * 70.0
