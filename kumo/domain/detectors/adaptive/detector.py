"""The detector `adaptive`: compare an arrival with the state, decide, learn. docs/detection.md explains the parts."""

import math
import struct
from dataclasses import dataclass
from typing import Final

from kumo.domain.detectors.adaptive import chances, explaining, learning, limits, state
from kumo.domain.detectors.adaptive.explaining import Explanation
from kumo.domain.detectors.adaptive.reading import Reading, read
from kumo.domain.detectors.adaptive.state import Pardon, Pardons, State
from kumo.domain.detectors.adaptive.tail import NOMINAL
from kumo.domain.expectation import Expectation
from kumo.domain.judging import Arrival, Status, Verdict, spread, standard_score
from kumo.domain.money import SCALE

CALM_ENTRIES: Final = 3  # of a daily series: few spikes last longer, so a short pause in a shift does not end it
CALM_DAYS: Final = 1.0  # of a faster series: anomalies at some hours of a day are one episode until a day is calm
MOST_FORGIVEN: Final = 3.0  # feedback makes the tail at most three times as heavy
MOST_PARDONS: Final = 16  # for each series, that can be taken back; each is a part of its state
MOST: Final = 1e30  # single precision ends at 3.4e38
_SINGLE: Final = struct.Struct("<f")
FORGIVEN: Final = 0.9  # score of a forgiven entry at the next time, in thresholds


def single(score: float) -> float:
    """Round a score to single precision (seven digits), so that the stored score gives the same decision."""
    rounded: float = _SINGLE.unpack(_SINGLE.pack(min(score, MOST)))[0]
    return rounded


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Judge an entry against level, season, calendar and tail of its series; an anomaly if score > threshold."""

    threshold: float
    min_history: int
    name: str = "adaptive"

    def judge(self, arrival: Arrival, before: State) -> tuple[Verdict, State]:
        """Judge one arrival against the state before it; return the verdict and the state after.

        A restated entry is judged and not learned, because its earlier amount is already learned.
        """
        reading = read(arrival.timestamp, arrival.amount, before, self.min_history)
        verdict = self._verdict(arrival, reading)
        if arrival.restates:
            return verdict, before
        flagged = verdict.status is Status.ANOMALY
        after = learning.learn(before, arrival.timestamp, arrival.amount, reading, flagged=flagged)
        if before.pardons is not None:
            _, natural = self.judge(arrival, before.pardons.natural)
            after = after._replace(pardons=before.pardons._replace(natural=natural))
        return verdict, after

    def explain(self, arrival: Arrival, before: State) -> Explanation:
        """Return the parts of the verdict on an arrival, from the state it was judged against."""
        return explaining.explain(
            read(arrival.timestamp, arrival.amount, before, self.min_history), before, self.threshold
        )

    def expect(self, arrival: Arrival, before: State) -> Expectation:
        """Return the usual amount at the time of an arrival, and the largest amount that is not an anomaly then."""
        return limits.expect(arrival.timestamp, before, self.min_history, self.threshold)

    def chance(self, arrival: Arrival, before: State) -> float | None:
        """Return the chance a day that a healthy series has a verdict as high; None while learning."""
        reading = read(arrival.timestamp, arrival.amount, before, self.min_history)
        return None if reading.learning else chances.chance(reading, arrival.amount, before)

    def forgive(self, arrival: Arrival, now: State) -> State:
        """Return a calmer state after feedback that an entry was planned or a false alarm.

        Its excess is expected on that day of the next month. The tail becomes so heavy that the same entry scores nine
        tenths of the threshold; later entries change the tail again. A second state without this change keeps learning,
        for the case that the feedback is taken back.
        """
        return self._forgive(_pardon(arrival), now)

    def take_back(self, arrival: Arrival, now: State) -> State:
        """Return the state as if this entry had never been called planned or a false alarm.

        Other feedback on the series still counts, as if it were given now.
        """
        pardon = _pardon(arrival)
        if now.pardons is None or pardon not in now.pardons.given:
            return now
        given = list(now.pardons.given)
        given.remove(pardon)
        state = now.pardons.natural
        for each in given:
            state = self._forgive(each, state)
        return state

    def excuse(self, arrival: Arrival, now: State) -> State:
        """Return the calmer state of `forgive`, without the data for taking it back."""
        return self._calm(_pardon(arrival), now)

    def _forgive(self, pardon: Pardon, now: State) -> State:
        calmer = self._calm(pardon, now)
        if calmer is now:
            return now
        natural, given = now.pardons or (now, ())
        return calmer._replace(pardons=Pardons(natural, (*given, pardon)[-MOST_PARDONS:]))

    def _calm(self, pardon: Pardon, now: State) -> State:
        reading = read(pardon.timestamp, pardon.amount, now, self.min_history)
        if reading.idle or not now.active or reading.residual <= 0.0:
            return now
        z = reading.residual / reading.spread
        wanted = z * NOMINAL / (FORGIVEN * self.threshold) / reading.limit
        heavier = min(max(wanted, 1.0), MOST_FORGIVEN)
        tail = now.tail._replace(point=now.tail.point * heavier, excess=now.tail.excess * heavier)
        fees = now.fees.expecting(reading.moment.of_month, pardon.amount - reading.usual)
        return now._replace(tail=tail, fees=fees)

    def calm_to_close(self, after: State) -> int:
        """Return how many calm entries in a row end an episode: those of one day, at least three."""
        return max(CALM_ENTRIES, round(CALM_DAYS * after.cadence.pace.per_day))

    def pack(self, after: State) -> bytes:
        """Pack a state into bytes."""
        return state.pack(after)

    def pack_rounded(self, after: State) -> bytes:
        """Pack a state into about half as many bytes, with numbers of single precision."""
        return state.pack_rounded(after)

    def unpack(self, packed: bytes) -> State:
        """Unpack a state; empty bytes give the state of a new series."""
        return state.unpack(packed)

    def _verdict(self, arrival: Arrival, reading: Reading) -> Verdict:
        """Build the verdict from the reading; while learning, its figures are those of the window."""
        baseline = arrival.baseline
        judged = baseline.n >= self.min_history
        if reading.learning:
            status, score = Status.LEARNING, None
            mean = baseline.mean if baseline.n else None
            stddev = spread(baseline) if baseline.n > 1 else None
        else:
            score = single(reading.score)
            status = Status.ANOMALY if score > self.threshold else Status.NORMAL
            mean = reading.expected / SCALE
            stddev = (
                reading.spread * math.sqrt(reading.expected * reading.expected + reading.unit * reading.unit) / SCALE
            )
        return Verdict(
            status=status,
            amount=arrival.amount,
            n=baseline.n,
            mean=mean,
            stddev=stddev,
            z=standard_score(arrival.amount, baseline) if judged else None,
            score=score,
            threshold=self.threshold,
            detector=self.name,
            cause=reading.cause if status is Status.ANOMALY else None,
        )


def _pardon(arrival: Arrival) -> Pardon:
    return Pardon(entry_seq=arrival.entry_seq, timestamp=arrival.timestamp, amount=arrival.amount)
