"""The comparison of an arrival with a state: every figure of the verdict, before anything is learned."""

from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive import fees, season, tail
from kumo.domain.detectors.adaptive.cadence import Moment, moment
from kumo.domain.detectors.adaptive.curve import bend, clamp, ln, unbend
from kumo.domain.detectors.adaptive.season import NO_RESIDUALS, Residuals
from kumo.domain.detectors.adaptive.state import State
from kumo.domain.detectors.adaptive.tail import NOMINAL
from kumo.domain.judging import Cause
from kumo.domain.maker import maker
from kumo.domain.money import MAX_MICROS

IDLE_SHARE: Final = 0.5  # a series without cost most of the time: only its active entries are compared with each other
LEAST_ACTIVE: Final = 1 / 7  # one entry in a week is judged so, and no smaller share
FIRST_COST: Final = 30  # entries without cost, a month, after which the first entry with cost is an anomaly
UNIT: Final = 0.3  # the curve bends at about a third of a usual amount: proportional noise above, constant noise below
NEW_HIGH: Final = 3.0  # times the largest of n: with a tail as heavy as amounts have (Pareto, index 1.2), one in 4 n is
LEAST_SHARE: Final = 0.15  # an excess below 15 % of the expected amount scores below 3: nobody would look into it


class Reading(NamedTuple):
    """One arrival compared with one state. Amounts are in micros; `place`, residuals and spread on the curve.

    `usual` comes from level and season, `expected` adds a possible fee and late cost; `residual` is relative to
    the usual, `unexplained` to the expected. `due` and `credited` are the parts of fee and late cost.
    `cause` is what the score stands for.
    """

    late: bool
    idle: bool
    learning: bool
    moment: Moment
    unit: float
    place: float
    spread: float
    score: float
    limit: float = NOMINAL
    drift_limit: float = NOMINAL
    left: Residuals = NO_RESIDUALS
    residual: float = 0.0
    unexplained: float = 0.0
    usual: float = 0.0
    expected: float = 0.0
    due: float = 0.0
    credited: float = 0.0
    z: float = 0.0
    cause: Cause = Cause.THRESHOLD


make_reading: Final = maker(Reading)


def read(timestamp: int, amount: int, state: State, min_history: int) -> Reading:
    """Compare one arrival with the state; learn nothing from it."""
    when, late = moment(timestamp), timestamp < state.cadence.newest
    if not state.active or (not amount and state.zeros > IDLE_SHARE):
        return _read_idle(when, amount, state, min_history, late=late)
    place = bend(amount / state.scale)
    left = season.residuals(state.season, when, place - state.level)
    choice = state.errors.best()
    residual, spread = left[choice], season.spread(state.errors[choice])
    usual = _amount(place - residual, state.scale)
    over, log_rate = amount - usual, state.cadence.pace.log
    limit = tail.limit(state.tail, log_rate + active_share(state.zeros), state.active)
    notable = residual > fees.NOTABLE * limit * spread
    due = min(state.fees.allowance(when.of_month, over, notable=notable), over) if over > 0.0 else 0.0
    credited = min(state.deficit, over - due) if over > due and not late else 0.0
    expected = usual + due + credited
    unexplained = max(place - bend(expected / state.scale), 0.0) if due or credited else residual
    z = unexplained / spread
    reading = make_reading(
        late=late,
        idle=False,
        learning=state.active < min_history,
        moment=when,
        unit=state.scale,
        place=place,
        left=left,
        residual=residual,
        unexplained=unexplained,
        spread=spread,
        usual=usual,
        expected=expected,
        due=due,
        credited=credited,
        z=z,
        limit=limit,
        drift_limit=state.drift.limit(log_rate),
        score=max(_least(NOMINAL * z / limit, amount - expected, expected), 0.0),
    )
    return _look_back(reading, amount, state)


def _look_back(reading: Reading, amount: int, state: State) -> Reading:
    """Compare an entry with all before it: as the end of a drift, or as a new largest amount."""
    height = state.drift.height(reading.z) if reading.z > 0.0 else 0.0
    if height > reading.drift_limit:
        anchored = _amount(reading.place - reading.residual - state.level + state.drift.anchor, state.scale)
        drifted = _least(NOMINAL * height / reading.drift_limit, amount - anchored, anchored)
        if drifted > reading.score:
            reading = reading._replace(score=drifted, cause=Cause.DRIFT, expected=anchored)
    beyond = amount - reading.due - reading.credited
    if beyond > NEW_HIGH * state.largest > 0.0:
        score = NOMINAL * beyond / (NEW_HIGH * state.largest)
        if score > reading.score:
            reading = reading._replace(score=score, cause=Cause.NEW_HIGH)
    return reading


def active_share(zeros: float) -> float:
    """Return the logarithm of the share of judged entries: in a mostly idle series only the active ones."""
    return ln(max(1.0 - zeros, LEAST_ACTIVE)) if zeros > IDLE_SHARE else 0.0


def _amount(place: float, scale: float) -> float:
    """Return the micros at a place on the curve, limited to the range of amounts."""
    return clamp(unbend(place) * scale, MAX_MICROS)


def _least(score: float, over: float, expected: float) -> float:
    """Lower the score of a small relative excess: below 15 % it is under 3."""
    return min(score, NOMINAL * over / (LEAST_SHARE * abs(expected))) if expected else score


def _read_idle(when: Moment, amount: int, state: State, min_history: int, *, late: bool) -> Reading:
    """Read an entry without cost if that is usual, or the first entry with cost, which has nothing to compare with.

    The first cost is an anomaly after a month of entries without cost; otherwise it is only learned.
    """
    entries, score = state.cadence.entries, 0.0
    learning = entries < min_history if not amount else entries < max(FIRST_COST, min_history)
    if amount > 0 and not learning:
        score = NOMINAL * (entries + 1) / FIRST_COST
    place = bend(1.0 / UNIT) if amount > 0 else -bend(1.0 / UNIT) if amount else 0.0
    return make_reading(
        late=late,
        idle=not amount,
        learning=learning,
        moment=when,
        unit=state.scale,
        place=place,
        spread=season.FLOOR,
        score=score,
        cause=Cause.FIRST_COST,
    )
