"""The largest amount that scores no more than the threshold: the tests of `reading`, solved for the amount."""

import math

from kumo.domain.detectors.adaptive import fees, season, tail
from kumo.domain.detectors.adaptive.cadence import moment
from kumo.domain.detectors.adaptive.curve import bend, unbend
from kumo.domain.detectors.adaptive.drift import CLIP, SLACK
from kumo.domain.detectors.adaptive.reading import FIRST_COST, LEAST_SHARE, NEW_HIGH, active_share
from kumo.domain.detectors.adaptive.state import State
from kumo.domain.detectors.adaptive.tail import NOMINAL
from kumo.domain.expectation import NOTHING_EXPECTED_YET, Expectation

MOST: float = 2.0**62  # micros: the largest integer in the store


def expect(timestamp: int, state: State, min_history: int, threshold: float) -> Expectation:
    """Return the expectation of an entry or a period at a timestamp in ms, which is not before the newest one.

    An amount is an anomaly if it is above the limit, except for rounding in the last six digits.
    """
    if not state.active:
        return _expect_first_cost(state, min_history, threshold)
    if state.active < min_history:
        return NOTHING_EXPECTED_YET
    when, choice = moment(timestamp), state.errors.best()
    slots = {season.WEEKDAY: when.weekday, season.HOUR: when.hour}
    offset = state.season.offsets[slots[choice]] if choice in slots else 0.0
    usual = unbend(state.level + offset) * state.scale
    due = _due(state, when.of_month)
    extra = (due or 0.0) + state.deficit
    if due is None:
        return Expectation(usual=round(usual + state.deficit), limit=None)
    spread, share = season.spread(state.errors[choice]), threshold / NOMINAL
    expected = usual + extra
    place = bend(expected / state.scale)
    log_rate = state.cadence.pace.log
    reach = tail.limit(state.tail, log_rate + active_share(state.zeros), state.active) * share
    limit = max(unbend(place + spread * reach) * state.scale, _least(expected, share))
    height = state.drift.limit(log_rate) * max(share, 1.0) - state.drift.up.height + SLACK
    if height < CLIP:
        anchored = unbend(state.drift.anchor + offset) * state.scale
        drifted = unbend(place + spread * max(height, 0.0)) * state.scale
        limit = min(limit, max(drifted, _least(anchored, share)))
    if state.largest > 0.0:
        limit = min(limit, extra + NEW_HIGH * state.largest * max(share, 1.0))
    return Expectation(usual=round(expected), limit=math.floor(min(limit, MOST)))


def _expect_first_cost(state: State, min_history: int, threshold: float) -> Expectation:
    """Expect nothing of a series that never had any cost, once that has been so for a month."""
    entries = state.cadence.entries
    if entries < max(FIRST_COST, min_history):
        return NOTHING_EXPECTED_YET
    told = NOMINAL * (entries + 1) / FIRST_COST > threshold
    return Expectation(usual=0, limit=0 if told else None)


def _due(state: State, of_month: int) -> float | None:
    """Return the additional cost expected on a day of the month, in micros; None if it can be any amount."""
    last = state.fees.last[of_month]
    if last != fees.UNSEEN:
        return fees.TOLERANCE * last
    told = state.fees.of_month == of_month and state.fees.most > 0.0
    return 0.0 if told else None


def _least(expected: float, share: float) -> float:
    """Return the amount below which a score is lowered: 15 % above the expected for a score of 3."""
    return expected + LEAST_SHARE * share * abs(expected)
