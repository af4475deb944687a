"""What is learned of a record: the next state, after a reading of it."""

from typing import Final

from kumo.domain.adaptive import fees, level, season
from kumo.domain.adaptive.curve import bend, clipped, unbend
from kumo.domain.adaptive.deficit import awaited
from kumo.domain.adaptive.drift import Drift
from kumo.domain.adaptive.level import NO_RUN
from kumo.domain.adaptive.reading import LEAST_SHARE, UNIT, Reading
from kumo.domain.adaptive.state import State

ZEROS_GAIN: Final = 0.03  # the share of entries without cost among about the last thirty
MAGNITUDE_GAIN: Final = 0.05
LARGEST: Final = 3.0  # times the usual size that one entry may count for
RESCALED: Final = 2.0  # the curve moves once amounts are half or twice as large as it was made for
UNREMARKABLE: Final = 1.0  # spreads that a flagged entry counts for: an event is no measure of noise


def learn(state: State, timestamp: int, amount: int, reading: Reading, *, flagged: bool) -> State:
    """Return the state after a record.

    A late one moves level, season, spread and tail, where order does not matter; not what is a story in time.
    """
    gain = max(1.0 / (state.cadence.entries + 1.0), ZEROS_GAIN)
    zeros = state.zeros + gain * ((0.0 if amount else 1.0) - state.zeros)
    counted = state._replace(cadence=state.cadence.absorbed(timestamp), zeros=zeros)
    if reading.idle:
        return counted
    if not state.active:
        size = abs(float(amount))
        anchor = Drift(anchor=reading.place)
        return counted._replace(active=1, magnitude=size, scale=UNIT * size, level=reading.place, drift=anchor)
    return _rescaled(_story(_habits(counted, reading, flagged=flagged), reading, amount), amount)


def _habits(state: State, reading: Reading, *, flagged: bool) -> State:
    """Learn what does not depend on order: level, season, spread and tail."""
    learning, active, errors = reading.learning, state.active, state.errors
    moved = reading.unexplained if reading.residual > 0.0 else reading.residual
    if not learning:
        moved = clipped(moved, level.CLIP * reading.spread)
    gain = max(1.0 / (active + 1.0), season.ERROR_GAIN)
    clip = float("inf") if learning else UNREMARKABLE if flagged else season.ERROR_CLIP
    return state._replace(
        active=active + 1,
        level=state.level + level.gain(state.cadence.per_day, active) * moved,
        season=season.absorbed(state.season, reading.moment, reading.left, errors),
        errors=errors.absorbed(reading.left, gain, clip),
        tail=state.tail if learning else state.tail.absorbed(reading.z),
    )


def _story(state: State, reading: Reading, amount: int) -> State:
    """Learn what is a story in time: drift, shift, fees of the month and missing cost."""
    if reading.late:
        return state
    moment, usual, z = reading.moment, reading.usual, reading.residual / reading.spread
    if reading.learning:
        return state._replace(fees=state.fees.absorbed(moment.day, moment.of_month, 0.0))
    beyond = amount - usual
    notable = z > fees.NOTABLE * reading.limit and beyond > LEAST_SHARE * abs(usual)
    moved = _moved(state, reading)
    missing = max(moved.deficit - reading.credited, 0.0)
    return moved._replace(
        fees=state.fees.absorbed(moment.day, moment.of_month, beyond if notable else 0.0),
        deficit=awaited(missing, amount, usual, z),
    )


def _moved(state: State, reading: Reading) -> State:
    """Follow drift and shift: a level that stays elsewhere becomes the level, and what it told of is over."""
    explained = reading.unexplained if reading.residual > 0.0 else reading.residual
    drift = state.drift.absorbed(reading.z, explained, state.level, reading.drift_limit)
    run = state.run.absorbed(reading.residual / reading.spread, reading.residual)
    needed = level.run_length(state.cadence.per_day)
    if abs(run.length) >= needed:
        jump = run.mean
    elif drift.over and drift.up.entries >= level.SUSTAINED * needed:
        jump = drift.up.mean
    elif drift.down.height > reading.drift_limit and drift.down.entries >= level.SUSTAINED * needed:
        jump = drift.down.mean
    else:
        return state._replace(drift=drift, run=run)
    there = state.level + jump
    return state._replace(level=there, drift=Drift(anchor=there, climb=drift.climb), run=NO_RUN, deficit=0.0)


def _rescaled(state: State, amount: int) -> State:
    """Follow the size of amounts; move the curve where they have outgrown it."""
    size, magnitude = abs(float(amount)), state.magnitude
    if not magnitude:
        return state
    size = min(size, LARGEST * magnitude)
    magnitude += max(1.0 / state.active, MAGNITUDE_GAIN) * (size - magnitude)
    scale = UNIT * magnitude
    if not 1.0 / RESCALED < state.scale / scale < RESCALED:
        ratio = state.scale / scale
        there = bend(unbend(state.level) * ratio)
        drift = state.drift._replace(anchor=state.drift.anchor + there - state.level)
        return state._replace(magnitude=magnitude, scale=scale, level=there, drift=drift)
    return state._replace(magnitude=magnitude)
