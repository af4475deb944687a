"""The detector `zscore`: the plain rule, z against the window."""

import math
from dataclasses import dataclass

from kumo.domain.expectation import NOTHING_EXPECTED_YET, Expectation
from kumo.domain.judging import CALM_TO_CLOSE, WINDOWED, Arrival, Cause, Status, Verdict, spread, standard_score
from kumo.domain.money import SCALE


@dataclass(frozen=True, slots=True)
class ZScore:
    """z = (x − μ)/σ against the window's mean and sample standard deviation; an anomaly if z > threshold."""

    threshold: float
    min_history: int
    name: str = WINDOWED

    def judge(self, arrival: Arrival, before: None = None) -> tuple[Verdict, None]:
        """Judge one arrival by its window; there is no other state. `learning` below `min_history` entries."""
        return self._verdict(arrival), before

    def calm_to_close(self, after: None = None) -> int:  # noqa: ARG002 - the same for every series
        """Return 2: one calm entry may be chance."""
        return CALM_TO_CLOSE

    def pack(self, after: None = None) -> bytes:  # noqa: ARG002 - there is nothing to keep
        """Return no bytes: the window is stored with the entries."""
        return b""

    pack_rounded = pack

    def unpack(self, packed: bytes) -> None:
        """Return no state, also for the bytes of another detector."""

    def forgive(self, arrival: Arrival, now: None = None) -> None:
        """Change nothing: every entry of the window is already part of the baseline."""

    take_back = forgive  # which changes nothing either
    excuse = forgive

    def expect(self, arrival: Arrival, before: None = None) -> Expectation:  # noqa: ARG002 - the window is the state
        """Return the mean of the window, and the amount whose z is the threshold."""
        baseline = arrival.baseline
        if baseline.n < self.min_history:
            return NOTHING_EXPECTED_YET
        mean = baseline.total / baseline.n
        limit = mean + self.threshold * spread(baseline) * SCALE
        return Expectation(usual=round(mean), limit=math.floor(limit))

    def chance(self, arrival: Arrival, before: None = None) -> None:
        """Return None: plain z has no model of the tail."""

    def _verdict(self, arrival: Arrival) -> Verdict:
        baseline = arrival.baseline
        if baseline.n < self.min_history:
            return Verdict(
                status=Status.LEARNING,
                amount=arrival.amount,
                n=baseline.n,
                mean=baseline.mean if baseline.n else None,
                stddev=spread(baseline) if baseline.n > 1 else None,
                z=None,
                score=None,
                threshold=self.threshold,
                detector=self.name,
            )
        z = standard_score(arrival.amount, baseline)
        flagged = z > self.threshold
        return Verdict(
            status=Status.ANOMALY if flagged else Status.NORMAL,
            amount=arrival.amount,
            n=baseline.n,
            mean=baseline.mean,
            stddev=spread(baseline),
            z=z,
            score=z,
            threshold=self.threshold,
            detector=self.name,
            cause=Cause.THRESHOLD if flagged else None,
        )
