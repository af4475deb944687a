"""The comparison of an arrival with a state, figure by figure."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.detectors.adaptive.cadence import Cadence, moment
from kumo.domain.detectors.adaptive.curve import bend, unbend
from kumo.domain.detectors.adaptive.drift import Drift, Sum
from kumo.domain.detectors.adaptive.fees import DAYS, UNSEEN, Fees
from kumo.domain.detectors.adaptive.reading import FIRST_COST, Reading, read
from kumo.domain.detectors.adaptive.state import NEW, State
from kumo.domain.detectors.adaptive.tail import NOMINAL
from kumo.domain.judging import Cause
from kumo.domain.money import MAX_MICROS
from tests.domain.detectors.adaptive.folding import DAY_MS, MONDAY, UNIT, daily, fold, wavering

DAYS_SEEN = 60
NEXT = MONDAY + DAYS_SEEN * DAY_MS
STEADY = fold(daily(wavering(DAYS_SEEN)))[1]  # about 100 a day
ENTRIES = STEADY.cadence.entries


def look(amount: float, state: State = STEADY, timestamp: int = NEXT) -> Reading:
    return read(timestamp, round(amount * UNIT), state, 10)


def idle(entries: int) -> State:
    """Return the state of a series that had so many entries, none with a cost."""
    return NEW._replace(cadence=Cadence(entries, MONDAY, DAY_MS), zeros=1.0)


def expect_fee(amount: float) -> State:
    last = [0.0] * DAYS
    last[moment(NEXT).of_month] = amount * UNIT
    return STEADY._replace(fees=Fees(tuple(last), day=0))


def test_a_usual_amount_is_what_is_expected_and_scores_little() -> None:
    reading = look(100.0)
    assert (reading.late, reading.idle, reading.learning) == (False, False, False)
    assert reading.cause is not Cause.DRIFT
    assert reading.usual == reading.expected == pytest.approx(100 * UNIT, rel=0.03)
    assert reading.score < 1.0


def test_a_score_of_a_jump_grows_with_it_and_passes_the_nominal() -> None:
    scores = [look(amount).score for amount in (100, 130, 200, 1_000)]
    assert scores == sorted(scores)
    assert scores[2] > NOMINAL > scores[0]


@pytest.mark.parametrize("amount", [0.0, -100.0, 50.0])
def test_what_costs_less_than_usual_scores_nothing(amount: float) -> None:
    reading = look(amount)
    assert reading.score == 0.0
    assert reading.residual < 0.0


@pytest.mark.parametrize(("share", "told"), [(1.14, False), (1.16, True)])
def test_less_than_fifteen_percent_above_the_expected_is_never_worth_telling(share: float, *, told: bool) -> None:
    even = STEADY._replace(errors=STEADY.errors._replace(level=0.0, weekday=0.0, hour=0.0), active=10_000)
    usual = look(100.0, even).usual / UNIT
    assert (look(share * usual, even).score >= NOMINAL) is told


def test_an_entry_is_late_only_if_a_newer_one_was_seen() -> None:
    newest = STEADY.cadence.newest
    assert [look(100.0, timestamp=newest + by).late for by in (-1, 0, 1)] == [True, False, False]


def test_a_series_learns_until_it_had_enough_entries_with_a_cost() -> None:
    young = STEADY._replace(active=9)
    assert look(100.0, young).learning
    assert not look(100.0, young._replace(active=10)).learning


def test_a_fee_that_is_due_is_expected_up_to_its_size() -> None:
    state = expect_fee(300.0)
    whole, half = look(400.0, state), look(250.0, state)
    assert whole.due == pytest.approx(300 * UNIT, rel=0.05)
    assert half.due == pytest.approx(150 * UNIT, rel=0.05)
    assert max(whole.score, half.score) < 1.0
    assert look(100.0, state).due == pytest.approx(0.0, abs=5 * UNIT)
    assert look(50.0, state).due == 0.0


def test_what_neither_fee_nor_late_cost_explains_is_left_unexplained() -> None:
    state = expect_fee(300.0)._replace(deficit=80.0 * UNIT)
    reading = look(900.0, state)
    assert reading.unexplained == pytest.approx(reading.place - bend(reading.expected / state.scale))
    assert 0.0 < reading.unexplained < reading.residual
    only_late = look(120.0, STEADY._replace(deficit=80.0 * UNIT))
    assert (only_late.due, only_late.unexplained) == (0.0, pytest.approx(0.0, abs=1e-9))
    assert look(900.0).unexplained == look(900.0).residual


def test_the_first_1st_brings_a_fee_of_any_size_if_it_is_notable() -> None:
    state = expect_fee(UNSEEN)
    assert look(900.0, state).score < 1.0
    assert look(104.0, state).due == 0.0


def test_the_idle_part_of_a_series_makes_its_active_entries_less_rare() -> None:
    assert look(100.0, STEADY._replace(zeros=0.5)).limit == look(100.0).limit
    quarter, tenth, none = (look(100.0, STEADY._replace(zeros=zeros)).limit for zeros in (0.75, 0.9, 1.0))
    assert tenth == none < quarter < look(100.0).limit


def test_late_cost_is_credited_once_the_fee_is_paid_and_not_to_what_is_late_itself() -> None:
    state = STEADY._replace(deficit=80.0 * UNIT)
    usual = look(100.0).usual
    assert look(150.0, state).credited == pytest.approx(150 * UNIT - usual)
    assert look(400.0, state).credited == 80 * UNIT
    assert look(90.0, state).credited == 0.0
    assert look(400.0, state, STEADY.cadence.newest - 1).credited == 0.0
    with_fee = look(400.0, expect_fee(100.0)._replace(deficit=80.0 * UNIT))
    assert with_fee.expected == pytest.approx(with_fee.usual + with_fee.due + 80 * UNIT)


def test_the_end_of_a_drift_scores_by_how_high_it_has_climbed() -> None:
    limit = look(105.0).drift_limit
    climbed = STEADY._replace(drift=Drift(up=Sum(2 * limit, 30, 3.0), anchor=STEADY.level - 0.5))
    reading = look(105.0, climbed)
    assert reading.cause is Cause.DRIFT
    assert look(105.0).cause is not Cause.DRIFT
    assert reading.score > NOMINAL
    anchored = unbend(reading.place - reading.residual - 0.5) * climbed.scale
    assert reading.expected == pytest.approx(anchored)
    assert reading.expected < look(105.0).expected
    assert look(95.0, climbed).cause is not Cause.DRIFT


def test_more_than_there_ever_was_scores_however_wild_the_series_is() -> None:
    wild = STEADY._replace(errors=STEADY.errors._replace(level=9.0, weekday=9.0, hour=9.0), largest=110.0 * UNIT)
    assert look(3 * 110.0, wild).score < NOMINAL
    assert look(6 * 110.0, wild).score == pytest.approx(2 * NOMINAL)
    assert look(6 * 110.0, wild._replace(largest=0.0)).score < NOMINAL
    assert look(6 * 110.0, wild._replace(deficit=220.0 * UNIT)).score == pytest.approx(NOMINAL * 440 / 330)


@pytest.mark.parametrize(
    ("entries", "amount", "learning", "score"),
    [
        (0, 50.0, True, 0.0),
        (FIRST_COST - 1, 50.0, True, 0.0),
        (FIRST_COST, 50.0, False, NOMINAL * (FIRST_COST + 1) / FIRST_COST),
        (2 * FIRST_COST - 1, 1e-6, False, 2 * NOMINAL),
        (FIRST_COST, -50.0, False, 0.0),
        (9, 0.0, True, 0.0),
        (10, 0.0, False, 0.0),
    ],
)
def test_the_first_cost_of_an_idle_series_is_told_after_a_month(
    entries: int, amount: float, *, learning: bool, score: float
) -> None:
    reading = look(amount, idle(entries))
    assert (reading.learning, reading.score) == (learning, pytest.approx(score))
    assert reading.idle is (amount == 0.0)
    assert (reading.place > 0.0, reading.place < 0.0) == (amount > 0.0, amount < 0.0)


def test_no_cost_is_idle_only_where_most_entries_have_none() -> None:
    assert not look(0.0, STEADY._replace(zeros=0.5)).idle
    assert look(0.0, STEADY._replace(zeros=0.51)).idle
    assert not look(1.0, STEADY._replace(zeros=0.51)).idle


@given(st.integers(-MAX_MICROS, MAX_MICROS), st.sampled_from([STEADY, idle(0), idle(99), expect_fee(1e12)]))
def test_any_amount_has_finite_figures_and_a_score_that_is_not_negative(amount: int, state: State) -> None:
    reading = read(NEXT, amount, state, 10)
    figures = [value for value in reading if isinstance(value, float)]
    assert all(map(math.isfinite, figures))
    assert reading.score >= 0.0
    assert abs(reading.usual) <= MAX_MICROS
