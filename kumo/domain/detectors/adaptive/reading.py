"""What a record looks like against a state: every figure of the verdict, before anything is learned of it."""

from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive import fees, season, tail
from kumo.domain.detectors.adaptive.cadence import Moment, moment
from kumo.domain.detectors.adaptive.curve import bend, clamp, ln, unbend
from kumo.domain.detectors.adaptive.state import State
from kumo.domain.detectors.adaptive.tail import NOMINAL
from kumo.domain.money import MAX_MICROS

IDLE_SHARE: Final = 0.5  # a series without cost most of the time is judged among its active entries only
LEAST_ACTIVE: Final = 1 / 7  # one entry in a week is judged as such, and none by less than that
FIRST_COST: Final = 30  # entries without any cost, after which the first one that has some is worth telling: a month
UNIT: Final = 0.3  # the curve bends from about a third of a usual amount: above, noise in proportion; below, even noise
UNHEARD: Final = 3.0  # times the largest of n: with a tail as heavy as amounts have (Pareto, index 1.2), one in 4 n is
LEAST_SHARE: Final = 0.15  # what costs less than 15 % more than expected scores below 3: nobody would look into it


class Reading(NamedTuple):
    """One record against one state. Amounts are in micros; `place`, `level`, residuals and spread on the curve.

    `usual` is what level and season say, `expected` what may have come with fee and late cost; `residual` is against
    the usual, `unexplained` against the expected. `due` and `credited` are the parts of fee and late cost.
    """

    late: bool
    idle: bool
    learning: bool
    moment: Moment
    unit: float
    place: float
    left: tuple[float, float, float]
    residual: float
    unexplained: float
    spread: float
    usual: float
    expected: float
    due: float
    credited: float
    z: float
    limit: float
    drift_limit: float
    score: float
    drifting: bool


def read(timestamp: int, amount: int, state: State, min_history: int) -> Reading:
    """Read one record; nothing is learned of it."""
    when, late = moment(timestamp), timestamp < state.cadence.newest
    if not state.active or (not amount and state.zeros > IDLE_SHARE):
        return _idle(when, amount, state, min_history, late=late)
    place = bend(amount / state.scale)
    left = season.residuals(state.season, when, place - state.level)
    choice = state.errors.best()
    residual, spread = left[choice], season.spread(state.errors[choice])
    usual = _amount(place - residual, state.scale)
    over = amount - usual
    log_rate = state.cadence.pace.log
    limit = tail.limit(state.tail, log_rate + _active_share(state.zeros), state.active)
    notable = residual > fees.NOTABLE * limit * spread
    due = min(state.fees.allowance(when.of_month, over, notable=notable), over) if over > 0.0 else 0.0
    credited = min(state.deficit, over - due) if over > due and not late else 0.0
    expected = usual + due + credited
    unexplained = max(place - bend(expected / state.scale), 0.0) if due or credited else residual
    z = unexplained / spread
    drift_limit = state.drift.limit(log_rate)
    score, drifting = _least(NOMINAL * z / limit, amount - expected, expected), False
    height = state.drift.height(z) if z > 0.0 else 0.0
    if height > drift_limit:
        anchored = _amount(place - residual - state.level + state.drift.anchor, state.scale)
        drifted = _least(NOMINAL * height / drift_limit, amount - anchored, anchored)
        if drifted > score:
            score, drifting, expected = drifted, True, anchored
    unheard = _unheard(amount - due - credited, state.record)
    learning = state.active < min_history
    facts = late, False, learning, when, state.scale, place, left, residual, unexplained, spread
    return Reading(*facts, usual, expected, due, credited, z, limit, drift_limit, max(score, unheard), drifting)


def _unheard(amount: float, record: float) -> float:
    """Score an amount against the largest ever; 0 where it is no more than three times that."""
    return NOMINAL * amount / (UNHEARD * record) if amount > UNHEARD * record > 0.0 else 0.0


def _active_share(zeros: float) -> float:
    """Return the logarithm of the share of entries that are judged: of a mostly idle series the active ones."""
    return ln(max(1.0 - zeros, LEAST_ACTIVE)) if zeros > IDLE_SHARE else 0.0


def _amount(place: float, scale: float) -> float:
    """Return the micros at a place on the curve, within what an amount can be."""
    return clamp(unbend(place) * scale, MAX_MICROS)


def _least(score: float, over: float, expected: float) -> float:
    """Lower a score of what costs little more than expected: below 15 % it is under 3."""
    return min(score, NOMINAL * over / (LEAST_SHARE * abs(expected))) if expected else score


def _idle(when: Moment, amount: int, state: State, min_history: int, *, late: bool) -> Reading:
    """Read an entry without cost where that is usual, or the first one that has some and nothing to compare with.

    It is an anomaly after a month of entries without any cost, else there is only to learn from it.
    """
    entries, score = state.cadence.entries, 0.0
    learning = entries < min_history if not amount else entries < max(FIRST_COST, min_history)
    if amount > 0 and not learning:
        score = NOMINAL * (entries + 1) / FIRST_COST
    place = bend(1.0 / UNIT) if amount > 0 else -bend(1.0 / UNIT) if amount else 0.0
    return Reading(
        *(late, not amount, learning, when, state.scale, place, (0.0, 0.0, 0.0), 0.0, 0.0, season.FLOOR),
        *(0.0, 0.0, 0.0, 0.0, 0.0, NOMINAL, NOMINAL, score, False),
    )
