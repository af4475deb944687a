"""The verdict on an entry, as a pure function of the entry, its baseline and the detector."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kumo.domain import money
from kumo.domain.moments import Moments, deviation_of

WINDOWED: Final = "zscore"
CALM_TO_CLOSE: Final = 2


class Status(StrEnum):
    """The status of an entry's verdict. `excluded`: its charge category takes no part in detection."""

    PENDING = "pending"
    LEARNING = "learning"
    NORMAL = "normal"
    ANOMALY = "anomaly"
    EXCLUDED = "excluded"


class Cause(StrEnum):
    """Why an entry is an anomaly.

    `threshold`: it is too far above the expected amount. `drift`: no single entry is unusual, but many in a row are a
    little above. `new_high`: it is several times the largest earlier amount. `first_cost`: many entries before it cost
    nothing. `first_spend`: a series or group that is new, or was silent for long, costs more than the settings allow.
    `hour`: the total of a day is usual, that of one of its hours is not.
    """

    THRESHOLD = "threshold"
    DRIFT = "drift"
    NEW_HIGH = "new_high"
    FIRST_COST = "first_cost"
    FIRST_SPEND = "first_spend"
    HOUR = "hour"


# Sentences about an anomaly in addition to its figures.
REMARKS: Final[Mapping[Cause, str]] = {
    Cause.DRIFT: " No single entry is unusual, but many in a row are a little above the usual amount.",
    Cause.NEW_HIGH: " It is several times the largest earlier amount.",
    Cause.FIRST_COST: " It is the first cost after many entries without any.",
    Cause.HOUR: " The day as a whole is usual, but an hour of it is above its limit.",
}


class Mark(StrEnum):
    """A mark of an arrival for the judge, set when it arrived.

    `quiet`: the entry was too old for an alert. `removed`: it was removed. `excluded`: it is never judged. For
    feedback, which brings no entry: `feedback`: the entry was no cause for alarm, `taken_back`: that no longer
    applies, `remark`: it changes nothing.
    """

    NONE = ""
    QUIET = "q"
    REMOVED = "r"
    EXCLUDED = "x"
    FEEDBACK = "f"
    TAKEN_BACK = "u"
    REMARK = "w"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One arrival for the judge: a new, restated or removed entry, or feedback on one.

    `seq` numbers the arrivals of a partition and `entry_seq` names the entry; they differ if an entry is restated.
    `baseline` holds the moments of the series' window just before this arrival, without the entry itself. `arrived_at`
    is the time of arrival in ms by the store's clock, 0 if not known; only measurements use it, no verdict. `imported`:
    it came from a bill. `single`: it is the only entry of its day, and so were those of seven days before; then the
    total of the day is judged instead.
    """

    seq: int
    series_id: str
    entry_seq: int
    timestamp: int
    amount: int
    baseline: Moments
    mark: Mark = Mark.NONE
    arrived_at: int = field(default=0, compare=False)
    imported: bool = field(default=False, compare=False)
    single: bool = False

    @property
    def restates(self) -> bool:
        """Whether this arrival gives a known entry another amount, or removes it."""
        return self.seq != self.entry_seq

    @property
    def quiet(self) -> bool:
        """Whether the entry was too old for an alert when it arrived."""
        return self.mark is Mark.QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision about an entry, with its figures.

    `amount` is the judged amount in micros; it differs from the entry's after a restatement. `mean` is the
    expected amount and `stddev` the spread around it, in units of the currency. `z` is the deviation from the window's
    mean in its standard deviations, for every detector; `score` is the detector's own figure, which is compared with
    `threshold`. Each is None if the history is too short for it. `cause` and `anomaly`, the id of the
    entry's episode, are None unless the entry is an anomaly. `of_total`: the entry is the only one of its period, so
    status, score and cause are those of the period's total; the other figures are of the window, for information.
    """

    status: Status
    amount: int
    n: int
    mean: float | None
    stddev: float | None
    z: float | None
    score: float | None
    threshold: float
    detector: str
    cause: Cause | None = None
    anomaly: str | None = None
    of_total: bool = False

    @property
    def impact(self) -> int | None:
        """The amount minus the mean, in micros."""
        return None if self.mean is None else self.amount - money.micros_of(self.mean)

    @property
    def impact_percent(self) -> float | None:
        """The impact in percent of the mean's magnitude; None if the mean is zero."""
        return 100 * money.units(self.impact) / abs(self.mean) if self.impact is not None and self.mean else None

    def reason(self, currency: str) -> str:
        """Explain the status."""
        if self.cause is Cause.FIRST_SPEND:
            return f"New, or back after a long silence: its day has cost more than {self.threshold:,.2f} {currency}."
        if self.of_total and self.score is not None:
            compared = "above" if self.status is Status.ANOMALY else "not above"
            return (
                f"The day's total is {money.units(self.amount):,.2f} {currency}. Its score of {self.score:,.2f} is"
                f" {compared} the threshold of {self.threshold:g}.{REMARKS.get(self.cause, '') if self.cause else ''}"
            )
        if self.mean is None or self.stddev is None or self.score is None:
            entries = "entry is" if self.n == 1 else "entries are"
            return f"Learning: {self.n} earlier {entries} too few to judge by."
        impact = money.units(self.impact or 0)
        share = "" if self.impact_percent is None else f" ({self.impact_percent:+,.1f} %)"
        side = "above" if impact >= 0 else "below"
        compared = "above" if self.status is Status.ANOMALY else "not above"
        return (
            f"{money.units(self.amount):,.2f} {currency} is {abs(impact):,.2f} {currency}{share} {side} "
            f"{self._figures(currency)} is {compared} the threshold of {self.threshold:g}."
            f"{REMARKS.get(self.cause, '') if self.cause else ''}"
        )

    def _figures(self, currency: str) -> str:
        """Name the compared figures, and the one that decided."""
        if self.detector == WINDOWED:
            return f"the mean of {self.mean:,.2f} {currency} over {self.n} entries: z = {self.z:,.2f}"
        return (
            f"the expected {self.mean:,.2f} {currency} with a usual spread of {self.stddev:,.2f} {currency}: "
            f"score {self.score:,.2f}"
        )


# The floors of σ: 1 % of the mean and one hundredth of a unit, so that a flat price does not alarm on a cent.
FLOOR_SHARE: Final = 100
FLOOR_MICROS: Final = money.SCALE // 100


def spread(baseline: Moments) -> float:
    """Return the σ that z divides by, in units: the sample standard deviation, or its minimum if that is larger."""
    return max(baseline.stddev, _floor(baseline))


def _floor(baseline: Moments) -> float:
    scale = baseline.n * money.SCALE
    return max(abs(baseline.total), FLOOR_MICROS * baseline.n * FLOOR_SHARE) / (FLOOR_SHARE * scale)


def standard_score(amount: int, baseline: Moments) -> float:
    """Return z of an amount in micros, to the last digits of a float.

    The deviation is formed from integers, so nothing cancels: with d = n·x − Σx, z² = d²(n − 1) / (n·(n·Σx² − (Σx)²)).
    A float mean would leave seven digits of it at 10⁹ ± 0.01. If σ is at its minimum, z is a ratio of two integers.
    """
    n, scatter = baseline.n, baseline.scatter
    deviation = n * amount - baseline.total
    if deviation_of(n, scatter) > _floor(baseline):
        return math.copysign(math.sqrt(deviation * deviation * (n - 1) / (n * scatter)), deviation)
    return FLOOR_SHARE * deviation / max(abs(baseline.total), FLOOR_MICROS * n * FLOOR_SHARE)
