"""What is learned of a record: the next state, after a reading of it."""

import math
from typing import Final

from kumo.domain.detectors.adaptive import fees, level, season
from kumo.domain.detectors.adaptive.curve import bend, clamp, unbend
from kumo.domain.detectors.adaptive.deficit import count_missing
from kumo.domain.detectors.adaptive.drift import Drift
from kumo.domain.detectors.adaptive.fees import Fees
from kumo.domain.detectors.adaptive.level import NO_RUN, Run
from kumo.domain.detectors.adaptive.reading import LEAST_SHARE, UNIT, Reading
from kumo.domain.detectors.adaptive.state import State

ZEROS_GAIN: Final = 0.03  # the share of entries without cost among about the last thirty
MAGNITUDE_GAIN: Final = 0.05
LARGEST: Final = 3.0  # times the usual size that one entry may count for
RESCALED: Final = 2.0  # the curve moves once amounts are half or twice as large as it was made for
UNREMARKABLE: Final = 1.0  # spreads that a flagged entry counts for: an event is no measure of noise


def learn(state: State, timestamp: int, amount: int, reading: Reading, *, flagged: bool) -> State:
    """Return the state after a record.

    A late one moves level, season, spread and tail, where order does not matter; not what is a story in time.
    """
    before, zeros, active = state.cadence, state.zeros, state.active
    gain = max(1.0 / (before.entries + 1.0), ZEROS_GAIN)
    zeros += gain * ((0.0 if amount else 1.0) - zeros)
    cadence = before.absorb(timestamp)
    if reading.idle:
        return state._replace(cadence=cadence, zeros=zeros)
    if not active:
        return _begin(state._replace(cadence=cadence, zeros=zeros), amount, reading)
    learning, residual, per_day = reading.learning, reading.residual, cadence.pace.per_day
    moved = reading.unexplained if residual > 0.0 else residual
    step = moved if learning else clamp(moved, level.CLIP * reading.spread)
    there = state.level + level.gain(per_day, active) * step
    if reading.late:
        story = there, state.fees, state.deficit, state.drift, state.run
    else:
        story = _story(state, there, moved, amount, reading, per_day)
    there, dues, missing, drift, run = story
    magnitude, scale, there, drift = _rescale(state, amount, there, drift)
    clip = math.inf if learning else UNREMARKABLE if flagged else season.ERROR_CLIP
    errors, left = state.errors, reading.left
    seasons = season.absorb(state.season, reading.moment, left, errors)
    errors = errors.absorb(left, max(1.0 / (active + 1.0), season.ERROR_GAIN), clip)
    tail = state.tail if learning else state.tail.absorb(reading.z)
    figures = cadence, zeros, active + 1, magnitude, scale, there
    record = max(state.record, float(amount))
    return State(*figures, seasons, errors, tail, dues, missing, drift, run, record)


def _begin(state: State, amount: int, reading: Reading) -> State:
    """Begin with the first amount that is not zero."""
    size = abs(float(amount))
    drift = Drift(anchor=reading.place)
    return state._replace(
        active=1, magnitude=size, scale=UNIT * size, level=reading.place, drift=drift, record=max(float(amount), 0.0)
    )


# What depends on the order of entries: the level after shifts, fees, missing cost, drift and run.
Story = tuple[float, Fees, float, Drift, Run]


def _story(state: State, there: float, moved: float, amount: int, reading: Reading, per_day: float) -> Story:
    """Learn what is a story in time; a level that stays elsewhere becomes the level, and what it told of is over."""
    moment, usual, z = reading.moment, reading.usual, reading.residual / reading.spread
    if reading.learning:
        begun = state.fees.absorb(moment.day, moment.of_month, 0.0)
        return there, begun, 0.0, Drift(anchor=there), NO_RUN
    beyond = amount - usual
    notable = z > fees.NOTABLE * reading.limit and beyond > LEAST_SHARE * abs(usual)
    due = state.fees.absorb(moment.day, moment.of_month, beyond if notable else 0.0)
    missing = max(state.deficit - reading.credited, 0.0)
    drift = state.drift.absorb(reading.z, moved, state.level, reading.drift_limit)
    run = state.run.absorb(z, reading.residual)
    jump = level.shift(drift, run, per_day, reading.drift_limit)
    if jump:
        there, missing, run = there + jump, 0.0, NO_RUN
        drift = Drift(anchor=there, climb=drift.climb)
    return there, due, count_missing(missing, amount, usual, z), drift, run


def _rescale(state: State, amount: int, there: float, drift: Drift) -> tuple[float, float, float, Drift]:
    """Follow the size of amounts; move the curve, and what has a place on it, where they have outgrown it."""
    magnitude, before = state.magnitude, state.scale
    size = min(abs(float(amount)), LARGEST * magnitude)
    magnitude += max(1.0 / (state.active + 1.0), MAGNITUDE_GAIN) * (size - magnitude)
    scale = UNIT * magnitude
    if scale <= RESCALED * before and before <= RESCALED * scale:
        return magnitude, before, there, drift
    moved = bend(unbend(there) * (before / scale))
    return magnitude, scale, moved, drift._replace(anchor=drift.anchor + moved - there)
