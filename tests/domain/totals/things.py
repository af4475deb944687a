"""A judged thing in memory, as an engine keeps one: totals, chain, verdicts, and from where it is dirty."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kumo.domain.detectors import Detector, build
from kumo.domain.totals import chain as chains
from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.domain.totals.chain import Chain
from kumo.domain.totals.folding import JudgedPeriod, Stretch, fold
from kumo.domain.totals.periods import Grain

WINDOW = 30
DETECTORS = [build("zscore", 3.0, 5), build("adaptive", 3.0, 5)]
FIRST = 20_000  # 4 October 2024


@dataclass
class Thing:
    """Folds its totals as they change; `most` limits what one fold reads beside the periods it folds."""

    detector: Detector[Any]
    first_running: int
    grain: Grain = Grain.DAY
    totals: dict[int, PeriodTotal] = field(default_factory=dict)
    verdicts: dict[int, JudgedPeriod] = field(default_factory=dict)
    packed: bytes = b""
    dirty: int | None = None
    excused: set[int] = field(default_factory=set)
    folded: int = 0

    @property
    def fingerprint(self) -> bytes:
        return chains.compute_fingerprint(self.detector, WINDOW)

    @property
    def chain(self) -> Chain:
        return chains.unpack(self.packed, self.grain, self.fingerprint)

    def touch(self, number: int) -> None:
        self.dirty = number if self.dirty is None else min(number, self.dirty)

    def change(self, number: int, change: PeriodTotal) -> None:
        self.totals[number] = self.totals.get(number, NOTHING).combine(change)
        if not self.totals[number].exists:
            del self.totals[number]
        self.touch(number)

    def excuse(self, number: int) -> None:
        self.excused ^= {number}
        self.touch(number)

    def move_on(self, first_running: int) -> None:
        self.touch(min(first_running, self.first_running))
        self.first_running = first_running

    def fold_slice(self) -> None:
        """Fold one slice, with the chain packed and read again."""
        if self.dirty is None:
            return
        chain = self.chain.rewind(min(self.dirty, self.first_running))
        start = chain.frontier
        known = [(number, total.micros) for number, total in sorted(self.totals.items()) if number >= start]
        earlier = [total.micros for number, total in sorted(self.totals.items()) if number < start][-WINDOW:]
        stretch = Stretch(
            totals=known,
            first_running=self.first_running,
            window=WINDOW,
            earlier=earlier,
            newest=max((number for number in self.totals if number < start), default=0),
            excused=frozenset(self.excused),
        )
        result = fold(self.detector, chain, stretch)
        self.folded += len(result.judged)
        self.packed = chains.pack(result.chain, self.fingerprint)
        self.verdicts = {number: each for number, each in self.verdicts.items() if number < start}
        self.verdicts |= {each.number: each for each in result.judged}
        self.dirty = None if result.is_complete else result.chain.frontier

    def rest(self) -> "Thing":
        while self.dirty is not None:
            self.fold_slice()
        return self

    def state(self) -> bytes:
        """Return what the detector knows at the frontier, packed."""
        return self.chain.state


def thing_of(
    detector: Detector[Any], amounts: Iterable[tuple[int, int]], first_running: int, grain: Grain = Grain.DAY
) -> Thing:
    """Return a thing whose final totals arrived once, in order of time."""
    thing = Thing(detector, first_running, grain)
    for number, micros in amounts:
        thing.change(number, PeriodTotal(micros=micros, entries=1))
    return thing.rest()
