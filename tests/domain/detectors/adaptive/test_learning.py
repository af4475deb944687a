"""What an arrival changes in the state, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.detectors.adaptive.cadence import moment
from kumo.domain.detectors.adaptive.curve import unbend
from kumo.domain.detectors.adaptive.learning import UNIT as CURVE_UNIT
from kumo.domain.detectors.adaptive.learning import learn
from kumo.domain.detectors.adaptive.level import NO_RUN
from kumo.domain.detectors.adaptive.reading import read
from kumo.domain.detectors.adaptive.state import NEW, State, pack, unpack
from kumo.domain.money import MAX_MICROS
from tests.domain.detectors.adaptive.folding import DAY_MS, MONDAY, UNIT, daily, fold, wavering

DAYS_SEEN = 60
NEXT = MONDAY + DAYS_SEEN * DAY_MS
STEADY = fold(daily(wavering(DAYS_SEEN)))[1]  # about 100 a day


def absorb(amount: float, state: State = STEADY, timestamp: int = NEXT, *, flagged: bool = False) -> State:
    micros = round(amount * UNIT)
    return learn(state, timestamp, micros, read(timestamp, micros, state, 10), flagged=flagged)


def absorb_all(amounts: list[float], state: State = NEW) -> State:
    for day, amount in enumerate(amounts):
        state = absorb(amount, state, MONDAY + day * DAY_MS)
    return state


def usual(state: State) -> float:
    return unbend(state.level) * state.scale / UNIT


@pytest.mark.parametrize(
    ("amounts", "zeros"), [([0.0], 1.0), ([0.0, 0.0], 1.0), ([0.0, 5.0], 0.5), ([5.0, 0.0, 0.0, 0.0], 0.75), ([5.0], 0)]
)
def test_the_share_without_cost_begins_as_a_plain_mean(amounts: list[float], zeros: float) -> None:
    assert absorb_all(amounts).zeros == pytest.approx(zeros)


def test_an_idle_entry_moves_nothing_but_cadence_and_the_share_without_cost() -> None:
    before = STEADY._replace(zeros=0.9)
    after = absorb(0.0, before)
    assert after.cadence.entries == before.cadence.entries + 1
    assert after.zeros > before.zeros
    assert after._replace(cadence=before.cadence, zeros=before.zeros) == before


@pytest.mark.parametrize(("amount", "largest"), [(50.0, 50.0), (-50.0, 0.0)])
def test_the_first_amount_sets_scale_level_and_size(amount: float, largest: float) -> None:
    state = absorb_all([0.0, amount])
    assert (state.active, state.magnitude, state.largest) == (1, 50 * UNIT, largest * UNIT)
    assert state.scale == pytest.approx(CURVE_UNIT * 50 * UNIT)
    assert usual(state) == pytest.approx(amount)
    assert state.drift.anchor == state.level


def test_while_learning_the_level_is_the_mean_and_nothing_else_is_concluded() -> None:
    state = absorb_all([100.0, 110.0, 90.0, 10.0, 900.0])
    assert (state.active, state.deficit, state.run) == (5, 0.0, NO_RUN)
    assert state.tail == NEW.tail
    assert state.drift.anchor == state.level
    assert usual(absorb_all([100.0] * 9)) == pytest.approx(100.0)


def test_what_is_late_moves_the_level_but_not_what_depends_on_the_order() -> None:
    after = absorb(300.0, timestamp=STEADY.cadence.newest - 1)
    assert after.level > STEADY.level
    assert (after.fees, after.deficit, after.drift, after.run) == (
        STEADY.fees,
        STEADY.deficit,
        STEADY.drift,
        STEADY.run,
    )
    assert after.active == STEADY.active + 1
    in_order = absorb(300.0)
    assert (in_order.fees, in_order.drift) != (STEADY.fees, STEADY.drift)


def test_one_entry_moves_the_level_by_no_more_than_a_larger_one_does() -> None:
    far, farther = absorb(1_000.0), absorb(1e9)
    assert far.level == farther.level
    assert usual(far) < 120.0


def test_a_flagged_entry_adds_less_to_the_noise_than_the_same_one_that_is_not() -> None:
    flagged, plain = absorb(1_000.0, flagged=True), absorb(1_000.0)
    assert flagged.errors.level < plain.errors.level
    assert flagged.level == plain.level


def test_one_huge_entry_counts_three_times_the_usual_size_and_is_the_largest() -> None:
    huge = absorb(1e9)
    assert huge.magnitude == pytest.approx(STEADY.magnitude * 1.1)  # 1 + 5 % of (3 - 1)
    assert huge.largest == 1e9 * UNIT
    assert absorb(10.0).largest == STEADY.largest


def test_what_is_notable_is_remembered_for_its_day_of_the_month_and_noise_is_not() -> None:
    assert absorb(400.0).fees.most == pytest.approx(300 * UNIT, rel=0.05)
    assert absorb(104.0).fees.most == 0.0
    assert absorb(40.0).fees.most == 0.0


def test_a_fee_that_was_due_moves_the_level_by_nothing() -> None:
    expecting = STEADY._replace(fees=STEADY.fees.expecting(moment(NEXT).of_month, 300.0 * UNIT))
    assert absorb(400.0, expecting).level == pytest.approx(STEADY.level, abs=1e-3)
    assert absorb(400.0).level > STEADY.level + 5e-3


def test_what_costs_less_moves_the_level_down() -> None:
    assert absorb(50.0).level < STEADY.level


def test_a_cost_that_is_missing_is_awaited_and_a_credit_awaits_nothing() -> None:
    assert absorb(5.0).deficit == pytest.approx(95 * UNIT, rel=0.05)
    assert absorb(-5.0).deficit == 0.0
    assert absorb(100.0).deficit == 0.0


def test_missing_cost_that_has_arrived_is_awaited_no_longer() -> None:
    waiting = STEADY._replace(deficit=80.0 * UNIT)
    assert absorb(180.0, waiting).deficit == pytest.approx(0.0, abs=3 * UNIT)
    assert absorb(100.0, waiting).deficit > 50 * UNIT


def test_five_days_in_a_row_elsewhere_are_the_new_level() -> None:
    days = daily([200.0] * 5, NEXT)
    states = [STEADY]
    for timestamp, amount in days:
        states.append(absorb(amount / UNIT, states[-1], timestamp, flagged=True))
    assert usual(states[4]) < 150.0
    assert usual(states[5]) == pytest.approx(200.0, rel=0.05)
    assert (states[4].run.length, states[5].run) == (4, NO_RUN)
    assert states[5].drift.anchor == states[5].level


@pytest.mark.parametrize(("magnitude", "moves"), [(1.9, False), (2.2, True), (0.55, False), (0.45, True)])
def test_the_curve_moves_once_amounts_are_twice_or_half_as_large(magnitude: float, *, moves: bool) -> None:
    before = STEADY._replace(scale=CURVE_UNIT * STEADY.magnitude / magnitude)
    before = before._replace(level=0.0, drift=before.drift._replace(anchor=0.5))
    after = absorb(100.0, before, timestamp=STEADY.cadence.newest - 1)
    assert (after.scale != before.scale) is moves
    stayed = absorb(100.0, before._replace(magnitude=before.scale / CURVE_UNIT), timestamp=STEADY.cadence.newest - 1)
    assert usual(after) == pytest.approx(usual(stayed))
    assert after.drift.anchor - after.level == pytest.approx(stayed.drift.anchor - stayed.level)


@given(st.lists(st.integers(-MAX_MICROS, MAX_MICROS), max_size=30))
def test_whatever_comes_the_state_can_be_stored_and_read_again(amounts: list[int]) -> None:
    _, state = fold((MONDAY + day * DAY_MS, amount) for day, amount in enumerate(amounts))
    assert unpack(pack(state)) == state
