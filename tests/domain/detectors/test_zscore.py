"""The detector `zscore` at its boundaries."""

import math

import pytest

from kumo.domain import moments
from kumo.domain.detectors.zscore import ZScore
from kumo.domain.expectation import NOTHING_EXPECTED_YET
from kumo.domain.judging import Arrival, Cause, Status
from kumo.domain.money import MAX_MICROS

UNIT = 10**6
DETECTOR = ZScore(threshold=3.0, min_history=4)


def arrival(amount: int, *window: int) -> Arrival:
    return Arrival(seq=9, series_id="a" * 16, entry_seq=9, timestamp=0, amount=amount, baseline=moments.of(window))


@pytest.mark.parametrize(
    ("window", "mean", "stddev"), [((), None, None), ((5 * UNIT,), 5.0, None), ((5 * UNIT,) * 3, 5.0, 0.05)]
)
def test_too_short_a_history_is_learning_with_the_figures_that_it_has(
    window: tuple[int, ...], mean: float | None, stddev: float | None
) -> None:
    verdict, _ = DETECTOR.judge(arrival(900 * UNIT, *window))
    assert (verdict.status, verdict.n, verdict.mean) == (Status.LEARNING, len(window), mean)
    assert (verdict.stddev is None) == (stddev is None)
    assert (verdict.z, verdict.score, verdict.cause) == (None, None, None)


@pytest.mark.parametrize(("above", "status"), [(0, Status.NORMAL), (1, Status.ANOMALY), (-(10**9), Status.NORMAL)])
def test_an_amount_above_the_limit_is_an_anomaly_and_the_limit_itself_is_not(above: int, status: Status) -> None:
    window = tuple(UNIT * amount for amount in (80, 90, 110, 120))
    limit = DETECTOR.expect(arrival(0, *window)).limit
    assert limit is not None
    verdict, _ = DETECTOR.judge(arrival(limit + above, *window))
    assert verdict.status is status
    assert verdict.cause is (Cause.THRESHOLD if status is Status.ANOMALY else None)
    assert verdict.score == verdict.z


def test_the_expected_is_the_mean_and_nothing_before_there_is_a_history() -> None:
    assert DETECTOR.expect(arrival(0, *[7 * UNIT] * 4)).usual == 7 * UNIT
    assert DETECTOR.expect(arrival(0, *[7 * UNIT] * 3)) == NOTHING_EXPECTED_YET


@pytest.mark.parametrize("window", [(0,) * 4, (MAX_MICROS,) * 4, (-MAX_MICROS, MAX_MICROS) * 2])
@pytest.mark.parametrize("amount", [0, 1, -MAX_MICROS, MAX_MICROS])
def test_a_window_of_zeros_or_of_the_largest_amounts_gives_a_verdict(window: tuple[int, ...], amount: int) -> None:
    verdict, after = DETECTOR.judge(arrival(amount, *window))
    assert verdict.score is not None
    assert math.isfinite(verdict.score)
    assert (after, DETECTOR.pack(after)) == (None, b"")
