"""How rare a verdict is: the chance that a healthy series has one as high, on any day."""

from typing import Final

from kumo.domain.detectors.adaptive.curve import FARTHEST, exp, ln
from kumo.domain.detectors.adaptive.reading import FIRST_COST, Reading, active_share
from kumo.domain.detectors.adaptive.state import State
from kumo.domain.detectors.adaptive.tail import BEYOND, NORMAL_EXCESS, NORMAL_POINT, SMALL
from kumo.domain.judging import Cause

SHAPE: Final = 1 / 6  # of the generalized Pareto tail; 0 would be exponential
PARETO: Final = 1.2  # the index of a tail as heavy as amounts have: the one that NEW_HIGH of `reading` is made for


def chance(reading: Reading, amount: int, state: State) -> float:
    """Return the chance per day of a reading, between 0 and 1: that of the rarest of the tests."""
    if not state.active:
        # The rule of succession (Laplace): n entries without cost, and now one with.
        return 1.0 / (state.cadence.entries + 2.0) if amount > 0 else 1.0
    rarest = min(_of_tail(reading, state), _of_drift(reading, state), _of_new_high(reading, amount, state))
    rate = state.cadence.pace.per_day * exp(active_share(state.zeros))
    return min(rarest * rate, 1.0)


def _of_tail(reading: Reading, state: State) -> float:
    """Return the chance that one entry is as far from the expected: a generalized Pareto tail beyond the 95 % point.

    Excesses over a high point have this distribution (Pickands 1975). A year of days is too short to learn its shape.
    For simulated series in which one day in twenty is high, an exponential tail gave five times too many chances below
    one in 10,000; this shape gives twice too many, and too few for even noise.
    Point and mean excess are the series' own, but at least those of normal noise, and larger with few
    entries, as in the limit of `tail`.
    """
    few = 1.0 + SMALL / max(state.active, 1)
    point, excess = max(state.tail.point, NORMAL_POINT) * few, max(state.tail.excess, NORMAL_EXCESS) * few
    if reading.z <= point:
        return 1.0
    beyond = SHAPE * (reading.z - point) / excess
    return BEYOND * exp(-min(ln(1.0 + beyond) / SHAPE, FARTHEST))


def _of_drift(reading: Reading, state: State) -> float:
    """Return the chance that a sum climbs as high: e^(−2kh) with k = ½, in the series' own mean height of a climb."""
    if reading.cause is not Cause.DRIFT:
        return 1.0
    height = state.drift.height(reading.z) / max(state.drift.climb, 1.0)
    return exp(-min(height, FARTHEST))


def _of_new_high(reading: Reading, amount: int, state: State) -> float:
    """Return the chance of an amount that is so many times the largest of n, with a tail like that of incomes."""
    beyond = amount - reading.due - reading.credited
    if state.active < FIRST_COST or beyond <= state.largest or state.largest <= 0.0:
        return 1.0
    return exp(-PARETO * ln(beyond / state.largest)) / state.active
