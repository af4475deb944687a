"""Learning: the next state after an arrival and its reading."""

import math
from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive import fees, level, season
from kumo.domain.detectors.adaptive.curve import bend, clamp, unbend
from kumo.domain.detectors.adaptive.deficit import count_missing
from kumo.domain.detectors.adaptive.drift import Drift
from kumo.domain.detectors.adaptive.fees import Fees
from kumo.domain.detectors.adaptive.level import NO_RUN, Run
from kumo.domain.detectors.adaptive.reading import LEAST_SHARE, UNIT, Reading
from kumo.domain.detectors.adaptive.state import State, make_state
from kumo.domain.maker import maker

ZEROS_GAIN: Final = 0.03  # the share of entries without cost among about the last thirty
MAGNITUDE_GAIN: Final = 0.05
LARGEST: Final = 3.0  # times the usual size that one entry may count for
RESCALED: Final = 2.0  # the curve moves once amounts are half or twice as large as its scale
UNREMARKABLE: Final = 1.0  # spreads that an anomalous entry counts for: an event does not measure noise


class Course(NamedTuple):
    """The parts that depend on the order of entries: the level after shifts, fees, missing cost, drift and run."""

    level: float
    fees: Fees
    deficit: float
    drift: Drift
    run: Run


make_course: Final = maker(Course)


def learn(state: State, timestamp: int, amount: int, reading: Reading, *, flagged: bool) -> State:
    """Return the state after an arrival.

    A late arrival updates only parts for which the order does not matter: level, season, spread and tail.
    """
    before, zeros, active = state.cadence, state.zeros, state.active
    zeros += max(1.0 / (before.entries + 1.0), ZEROS_GAIN) * ((0.0 if amount else 1.0) - zeros)
    cadence = before.absorb(timestamp)
    if reading.idle:
        return state._replace(cadence=cadence, zeros=zeros)
    if not active:
        return _begin(state._replace(cadence=cadence, zeros=zeros), amount, reading)
    course = _follow(state, amount, reading, cadence.pace.per_day)
    learning, errors, left = reading.learning, state.errors, reading.left
    clip = math.inf if learning else UNREMARKABLE if flagged else season.ERROR_CLIP
    after = make_state(
        cadence=cadence,
        zeros=zeros,
        active=active + 1,
        magnitude=_follow_size(state, amount),
        scale=state.scale,
        level=course.level,
        season=season.absorb(state.season, reading.moment, left, errors),
        errors=errors.absorb(left, max(1.0 / (active + 1.0), season.ERROR_GAIN), clip),
        tail=state.tail if learning else state.tail.absorb(reading.z),
        fees=course.fees,
        deficit=course.deficit,
        drift=course.drift,
        run=course.run,
        largest=max(state.largest, float(amount)),
    )
    scale = UNIT * after.magnitude
    return after if scale <= RESCALED * after.scale and after.scale <= RESCALED * scale else _rescale(after)


def _begin(state: State, amount: int, reading: Reading) -> State:
    """Start with the first amount that is not zero."""
    size = abs(float(amount))
    return state._replace(
        active=1,
        magnitude=size,
        scale=UNIT * size,
        level=reading.place,
        drift=Drift(anchor=reading.place),
        largest=max(float(amount), 0.0),
    )


def _follow(state: State, amount: int, reading: Reading, per_day: float) -> Course:
    """Move the level towards an entry; if it is not late, also learn the parts that depend on the order."""
    learning, residual = reading.learning, reading.residual
    moved = reading.unexplained if residual > 0.0 else residual
    step = moved if learning else clamp(moved, level.CLIP * reading.spread)
    there = state.level + level.gain(per_day, state.active) * step
    if reading.late:
        return make_course(level=there, fees=state.fees, deficit=state.deficit, drift=state.drift, run=state.run)
    if learning:
        begun = state.fees.absorb(reading.moment.day, reading.moment.of_month, 0.0)
        return make_course(level=there, fees=begun, deficit=0.0, drift=Drift(anchor=there), run=NO_RUN)
    return _follow_course(state, there, moved, amount, reading, per_day)


def _follow_course(state: State, there: float, moved: float, amount: int, reading: Reading, per_day: float) -> Course:
    """Learn the parts that depend on the order; a lasting change becomes the new level, and ends drift and run."""
    moment, usual, z = reading.moment, reading.usual, reading.residual / reading.spread
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
    deficit = count_missing(missing, amount, usual, z)
    return make_course(level=there, fees=due, deficit=deficit, drift=drift, run=run)


def _follow_size(state: State, amount: int) -> float:
    """Return the mean size of amounts with one more, which counts for at most three times the usual size."""
    size = min(abs(float(amount)), LARGEST * state.magnitude)
    return state.magnitude + max(1.0 / (state.active + 1.0), MAGNITUDE_GAIN) * (size - state.magnitude)


def _rescale(state: State) -> State:
    """Move the curve, and all places on it, which amounts have outgrown."""
    before, scale = state.scale, UNIT * state.magnitude
    moved = bend(unbend(state.level) * (before / scale))
    drift = state.drift._replace(anchor=state.drift.anchor + moved - state.level)
    return state._replace(scale=scale, level=moved, drift=drift)
