"""The level: an exponentially weighted mean on the curve (Roberts 1959), and its new base after a shift."""

from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive.cadence import SUB_DAILY
from kumo.domain.detectors.adaptive.drift import Drift
from kumo.domain.maker import maker

DAILY_GAIN: Final = 0.08  # the level of about the last twelve days
HOURLY_GAIN: Final = 0.02  # the level of about the last two days: an hour says less about the level than a day
CLIP: Final = 2.5  # how many spreads one entry may move it by, times the gain
RUN_FROM: Final = 1.5  # spreads beyond which an entry counts as part of a run
SHORTEST_RUN: Final = 5  # most spikes end within three days; five days in a row are a shift
LONGEST_RUN: Final = 24  # and so are 24 hours
SUSTAINED: Final = 2  # a drift becomes the level once it lasts as long as two runs


def gain(per_day: float, entries: int) -> float:
    """Return the weight of a new entry; the first ones form a plain mean."""
    return max(1.0 / (entries + 1.0), DAILY_GAIN if per_day < SUB_DAILY else HOURLY_GAIN)


def run_length(per_day: float) -> float:
    """Return how many entries in a row on one side make a shift: those of one day, but 5 to 24."""
    return min(max(per_day, SHORTEST_RUN), LONGEST_RUN)


class Run(NamedTuple):
    """Entries in a row on one side of the level (negative: below), and the sum of their residuals on the curve."""

    length: int = 0
    residuals: float = 0.0

    def absorb(self, z: float, residual: float) -> "Run":
        """Count one entry."""
        if -RUN_FROM <= z <= RUN_FROM:
            return NO_RUN
        side = 1 if z > 0.0 else -1
        length, residuals = self if self.length * side > 0 else NO_RUN
        return make_run(length=length + side, residuals=residuals + residual)

    @property
    def mean(self) -> float:
        """The mean residual of the run: how far the level has moved."""
        return self.residuals / abs(self.length)


make_run: Final = maker(Run)


NO_RUN: Final = Run()


def shift(drift: Drift, run: Run, per_day: float, drift_limit: float) -> float:
    """Return by how much the level has moved for good, after a run or a drift twice as long; else 0."""
    needed = run_length(per_day)
    if abs(run.length) >= needed:
        return run.mean
    for total in (drift.up, drift.down):
        if total.height > drift_limit and total.entries >= SUSTAINED * needed:
            return total.mean
    return 0.0
