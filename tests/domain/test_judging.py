"""The plain rule, against the same figures computed with fractions."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain import moments
from kumo.domain.detectors.zscore import ZScore
from kumo.domain.judging import Arrival, Status, Verdict, spread

DETECTOR = ZScore(threshold=3.0, min_history=10)
amounts = st.integers(-(10**18), 10**18)


def judged(history: list[int], amount: int) -> Verdict:
    return DETECTOR.judge(
        Arrival(seq=1, series_id="a" * 16, entry_seq=1, timestamp=0, amount=amount, baseline=moments.of(history))
    )[0]


def exact_z_squared(history: list[int], amount: int) -> Fraction:
    """z² with nothing rounded, signs aside."""
    n = len(history)
    mean = Fraction(sum(history), n)
    variance = sum((value - mean) ** 2 for value in history) / (n - 1)
    floor = max(abs(mean) / 100, Fraction(10**4))
    return (amount - mean) ** 2 / max(variance, floor**2)


@given(st.lists(amounts, min_size=10, max_size=100), amounts)
def test_z_is_right_to_twelve_digits(history: list[int], amount: int) -> None:
    verdict = judged(history, amount)
    expected = math.sqrt(exact_z_squared(history, amount))
    assert verdict.z is not None
    assert abs(verdict.z) == pytest.approx(expected, rel=1e-12, abs=0)
    assert (verdict.z > 0) == (Fraction(amount) > Fraction(sum(history), len(history)))


def test_z_holds_where_floats_cancel() -> None:
    history = [10**15 + 10**4 * i for i in range(100)]  # 10⁹ + 0.01·i units
    amount = 10**15 + 10**4 * 500
    mean, sigma = Fraction(sum(history), 100), math.sqrt(Fraction(10**8 * 100 * 101, 12))
    verdict = judged(history, amount)
    floor = Fraction(mean, 100)
    assert verdict.z == pytest.approx(float((amount - mean) / max(floor, Fraction(sigma))), rel=1e-12)
    assert moments.of(history).stddev == pytest.approx(sigma / 10**6, rel=1e-12)


@given(st.lists(amounts, min_size=2, max_size=50))
def test_mean_and_stddev_are_the_nearest_floats(history: list[int]) -> None:
    found, n = moments.of(history), len(history)
    mean = Fraction(sum(history), n)
    variance = sum((value - mean) ** 2 for value in history) / (n - 1)
    assert found.mean == float(mean / 10**6)
    assert found.stddev == pytest.approx(math.sqrt(variance / 10**12), rel=1e-15)


def test_exactly_the_threshold_is_no_anomaly() -> None:
    history = [0, 2_000_000] * 4 + [1_000_000] * 1
    history += [1_000_000 + 0] * 0
    sigma_squared = Fraction(8, 8)  # eight deviations of one unit over n − 1 = 8
    assert sigma_squared == 1
    detector = ZScore(threshold=3.0, min_history=9)
    at, _ = detector.judge(
        Arrival(seq=1, series_id="a" * 16, entry_seq=1, timestamp=0, amount=4_000_000, baseline=moments.of(history))
    )
    above, _ = detector.judge(
        Arrival(seq=1, series_id="a" * 16, entry_seq=1, timestamp=0, amount=4_000_001, baseline=moments.of(history))
    )
    assert (at.z, at.status) == (3.0, Status.NORMAL)
    assert above.status is Status.ANOMALY


@pytest.mark.parametrize(
    ("n", "status"), [(0, Status.LEARNING), (1, Status.LEARNING), (9, Status.LEARNING), (10, Status.ANOMALY)]
)
def test_too_little_history_is_learning(n: int, status: Status) -> None:
    verdict = judged([50_000_000] * n, 500_000_000)
    assert verdict.status is status
    assert (verdict.z is None) == (status is Status.LEARNING)
    assert verdict.n == n


@pytest.mark.parametrize(
    ("price", "next_amount", "status"),
    [
        (50_000_000, 50_010_000, Status.NORMAL),  # a cent on fifty
        (50_000_000, 51_500_000, Status.NORMAL),  # exactly 3 % above: z = 3
        (50_000_000, 51_500_001, Status.ANOMALY),
        (0, 30_000, Status.NORMAL),  # three cents on nothing: z = 3
        (0, 30_001, Status.ANOMALY),
        (-50_000_000, -48_000_000, Status.ANOMALY),  # credits have a level too
    ],
)
def test_a_flat_price_has_a_floor_under_its_spread(price: int, next_amount: int, status: Status) -> None:
    assert judged([price] * 20, next_amount).status is status


def test_a_drop_is_no_anomaly() -> None:
    verdict = judged([50_000_000] * 20, 0)
    assert verdict.status is Status.NORMAL
    assert verdict.z == -100.0


def test_the_spread_reported_is_the_one_that_was_divided_by() -> None:
    history = [50_000_000] * 20
    verdict = judged(history, 500_000_000)
    assert verdict.stddev == spread(moments.of(history)) == 0.5
    assert verdict.z == (500 - 50) / 0.5


def test_a_verdict_says_why_in_words() -> None:
    assert judged([50_000_000] * 20, 500_000_000).reason("USD") == (
        "500.00 USD is 450.00 USD (+900.0 %) above the mean of 50.00 USD over 20 entries: "
        "z = 900.00 is above the threshold of 3."
    )
    assert judged([1], 5).reason("USD") == "Learning: 1 earlier entry is too few to judge by."
    assert "(" not in judged([0] * 20, 5).reason("USD")  # no percentage of nothing
