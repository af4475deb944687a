"""Folding totals: verdicts, usual amounts and limits of periods, from nothing but the totals in order of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from kumo.domain.detectors import Detector
from kumo.domain.expectation import Expectation
from kumo.domain.judging import Arrival, Cause, Status, Verdict
from kumo.domain.money import SCALE
from kumo.domain.totals.chain import Chain, Checkpoint, choose_boundaries, is_boundary_between
from kumo.domain.totals.periods import number_period
from kumo.domain.window import Window

MOST_PERIODS: Final = 256  # that are folded in one call


class TotalStatus(StrEnum):
    """The status of a total. `running`: the period is not complete, and its total is not above the limit."""

    LEARNING = "learning"
    RUNNING = "running"
    NORMAL = "normal"
    ANOMALY = "anomaly"


class Direction(StrEnum):
    """On which side of the usual a total lies."""

    ABOVE = "above"
    BELOW = "below"


class JudgedPeriod(NamedTuple):
    """The verdict on a total.

    `usual` is the expected amount and `limit` the largest one that is no anomaly, both in micros. `usual` is None while
    learning; in a leak it is the usual amount before the leak. `score` is compared with `threshold`, both by the
    detector. `chance` is that of an anomaly in a healthy thing, per day, if the detector knows it. `hours_excess` is
    what the anomalous hours of a day cost beyond the usual, in micros, if they alone make it an anomaly.
    """

    number: int
    micros: int
    status: TotalStatus
    usual: int | None
    limit: int | None
    score: float | None
    threshold: float
    detector: str
    cause: Cause | None = None
    chance: float | None = None
    hours_excess: int | None = None

    @property
    def excess(self) -> int:
        """What it cost beyond the usual, in micros: by its hours if the day as a whole is usual."""
        return self.micros - (self.usual or 0) if self.hours_excess is None else self.hours_excess

    @property
    def direction(self) -> Direction | None:
        """The side of the usual amount. A running total is never low, because it may still grow."""
        if self.usual is None or self.micros == self.usual:
            return None
        if self.micros > self.usual:
            return Direction.ABOVE
        return None if self.status is TotalStatus.RUNNING else Direction.BELOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Totals of a thing from its chain's frontier on: the input of one fold.

    `totals` are numbers of periods and micros, in order of time, of all periods with entries: at least one
    more than `MOST_PERIODS` of the complete ones, if there are more. `earlier` are the micros of the newest totals
    before, at most `window` of them, and `newest` is the number of the last of these. `first_running` is the number of
    the first running period. `excused` are periods that a person called planned or a false alarm, of which the
    anomalous ones count. `asides` has other amounts, in micros, that are judged beside the totals of their periods.
    """

    totals: Sequence[tuple[int, int]]
    first_running: int
    window: int
    earlier: Sequence[int] = ()
    newest: int = 0
    excused: frozenset[int] = frozenset()
    asides: Mapping[int, int] = field(default_factory=dict)


class Flagged(NamedTuple):
    """How an anomalous total was judged: as which arrival, and the detector's state before it, packed.

    `new_above` is the limit in micros that a first spend exceeds; 0 if the detector decided.
    """

    arrival: Arrival
    state: bytes
    new_above: int = 0


class FoldResult(NamedTuple):
    """The chain after a fold, and the periods judged, in order. If not complete, it is dirty from its frontier.

    `flagged` has the evidence of the anomalous ones, by number; `asides` the verdicts on other amounts.
    """

    chain: Chain
    judged: tuple[JudgedPeriod, ...]
    is_complete: bool
    flagged: Mapping[int, Flagged]
    asides: Mapping[int, JudgedPeriod]


def fold(detector: Detector[Any], chain: Chain, stretch: Stretch) -> FoldResult:
    """Fold the periods that are over, at most `MOST_PERIODS` of them; then judge the running ones, and learn nothing.

    The chain is rewound to the oldest change, and to `first_running`, before the stretch is read.
    """
    assert chain.frontier <= stretch.first_running, "rewind the chain to the first running period"
    assert not stretch.totals or stretch.totals[0][0] >= chain.frontier, "read the totals from the frontier on"
    over = [each for each in stretch.totals if each[0] < stretch.first_running]
    complete = len(over) <= MOST_PERIODS
    frontier = stretch.first_running if complete else over[MOST_PERIODS][0]
    # Behind the newest total, however long ago that is: further ones will most likely follow there.
    newest = over[:MOST_PERIODS][-1][0] if over else stretch.newest
    boundaries, window = choose_boundaries(newest + 1, chain.grain), Window(stretch.window, stretch.earlier)
    folding = _Folding(detector, chain, window, boundaries, stretch.asides)
    for number, micros in over[:MOST_PERIODS]:
        folding.learn(number, micros, excused=number in stretch.excused)
    after = folding.finish(frontier)
    if complete:
        for number, micros in stretch.totals[len(over) :]:
            folding.judge_running(number, micros)
    return FoldResult(after, tuple(folding.judged), complete, folding.flagged, folding.asides)


@dataclass(slots=True)
class _Folding:
    """One fold in progress."""

    detector: Detector[Any]
    chain: Chain
    window: Window
    boundaries: Sequence[int]
    wanted_asides: Mapping[int, int]
    judged: list[JudgedPeriod] = field(default_factory=list)
    state: Any = None
    made: list[Checkpoint] = field(default_factory=list)
    flagged: dict[int, Flagged] = field(default_factory=dict)
    asides: dict[int, JudgedPeriod] = field(default_factory=dict)
    place: int = 0
    is_new: bool = True

    def __post_init__(self) -> None:
        self.state = self.detector.unpack(self.chain.state)
        self.made = [checkpoint for checkpoint in self.chain.checkpoints if checkpoint.before in self.boundaries]
        self.place, self.is_new = self.chain.frontier, not self.chain.state

    def learn(self, number: int, micros: int, *, excused: bool) -> None:
        """Judge and learn the next period that is over."""
        self._pass_boundaries(number)
        after = self._judge(number, micros, running=False)
        arrival = _arrival(self.chain, number, micros, self.window)
        is_excused = excused and self.judged[-1].status is TotalStatus.ANOMALY
        self.state = self.detector.excuse(arrival, after) if is_excused else after
        self.is_new = False
        self.window.enter(arrival.timestamp, micros)

    def judge_running(self, number: int, micros: int) -> None:
        """Judge a period that may still grow. It is an anomaly only above the limit of the whole period."""
        self._judge(number, micros, running=True)

    def finish(self, frontier: int) -> Chain:
        """Return the chain with its new frontier."""
        self._pass_boundaries(frontier)
        if not self.made or self.made[-1].before < frontier:
            packed = b"" if self.is_new else self.detector.pack(self.state)
            self.made.append(Checkpoint(frontier, packed))
        return Chain(self.chain.grain, tuple(self.made))

    def _pass_boundaries(self, number: int) -> None:
        """Move on to a period.

        The state is rounded at each multiple of a span, whether or not a checkpoint stays there: so it is the same,
        however the way there was cut into folds.
        """
        if is_boundary_between(self.place, number, self.chain.grain):
            packed = b"" if self.is_new else self.detector.pack_rounded(self.state)
            self.state = self.detector.unpack(packed)
            passed = [each for each in self.boundaries if self.place < each <= number]
            self.made += [Checkpoint(each, packed) for each in passed]
        self.place = number

    def _judge(self, number: int, micros: int, *, running: bool) -> Any:  # noqa: ANN401 - known to its detector alone
        """Judge a period, and another amount of it if one is wanted; return the detector's state after."""
        arrival = _arrival(self.chain, number, micros, self.window)
        expectation = self.detector.expect(arrival, self.state)
        verdict, after = self.detector.judge(arrival, self.state)
        period = self._describe(arrival, number, verdict, expectation, running=running)
        self.judged.append(period)
        if period.status is TotalStatus.ANOMALY:
            self.flagged[number] = Flagged(arrival, self.detector.pack(self.state))
        if number in self.wanted_asides:
            aside = replace(arrival, amount=self.wanted_asides[number])
            verdict, _ = self.detector.judge(aside, self.state)
            self.asides[number] = self._describe(aside, number, verdict, expectation, running=running)
        return after

    def _describe(
        self, arrival: Arrival, number: int, verdict: Verdict, expectation: Expectation, *, running: bool
    ) -> JudgedPeriod:
        status = _status(verdict, expectation, running=running)
        flagged = status is TotalStatus.ANOMALY
        usual = expectation.usual
        if flagged and usual is not None and verdict.mean is not None:
            usual = round(verdict.mean * SCALE)
        return JudgedPeriod(
            number=number,
            micros=arrival.amount,
            status=status,
            usual=usual,
            limit=_agree(expectation.limit, arrival.amount, flagged=flagged),
            score=verdict.score,
            threshold=verdict.threshold,
            detector=verdict.detector,
            cause=verdict.cause if flagged else None,
            chance=self.detector.chance(arrival, self.state) if flagged else None,
        )


def _arrival(chain: Chain, number: int, micros: int, window: Window) -> Arrival:
    """Return a total as detectors take it: like one new entry at the beginning of the period."""
    start = number_period(number, chain.grain).start
    return Arrival(seq=1, series_id="", entry_seq=1, timestamp=start, amount=micros, baseline=window.moments)


def _status(verdict: Verdict, expectation: Expectation, *, running: bool) -> TotalStatus:
    if running:
        above = verdict.status is Status.ANOMALY and expectation.limit is not None
        return TotalStatus.ANOMALY if above else TotalStatus.RUNNING
    return TotalStatus(verdict.status)


def _agree(limit: int | None, micros: int, *, flagged: bool) -> int | None:
    """Adjust the limit to the verdict if rounding makes them disagree: only an anomaly is above it."""
    if flagged and (limit is None or micros <= limit):
        return micros - 1
    return micros if not flagged and limit is not None and micros > limit else limit
