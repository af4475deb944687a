"""A judged thing in memory with its anomalies, as an engine keeps them: it reads no more than a change may touch."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from kumo.domain.anomalies import Anomaly, AnomalyStatus, name_anomaly_of_periods
from kumo.domain.totals.amounts import PeriodTotal, entry_total
from kumo.domain.totals.episodes import Episode
from kumo.domain.totals.folding import JudgedPeriod
from kumo.domain.tracking import Raised, Rules, track
from kumo.domain.worth import NotSent
from tests.domain.detectors.adaptive.folding import wavering
from tests.domain.totals.things import DETECTORS, FIRST, Thing

UNIT = 10**6
LONG = 60  # usual days before those of a test
ID = "a" * 16
CALM = 3
FindReason = Callable[[Episode], NotSent | None]


def is_worth(_: Episode) -> NotSent | None:
    return None


@dataclass
class Tracked:
    """Folds a thing slice by slice, and tracks its anomalies after each."""

    thing: Thing
    find_reason: FindReason = is_worth
    oldest: int = 0
    verdicts: dict[int, JudgedPeriod] = field(default_factory=dict)
    anomalies: dict[str, Anomaly] = field(default_factory=dict)
    alerts: list[Raised] = field(default_factory=list)

    def fold_slice(self) -> None:
        """Fold one slice. Periods beyond it keep their verdicts until they are folded, as in the store."""
        thing = self.thing
        if thing.dirty is None:
            return
        start = thing.chain.rewind(min(thing.dirty, thing.first_running)).frontier
        changed = thing.dirty
        thing.fold_slice()
        end = thing.first_running if thing.dirty is None else thing.dirty
        judged = {number: each for number, each in thing.verdicts.items() if number >= start}
        kept = {
            number: each
            for number, each in self.verdicts.items()
            if number < start or (thing.dirty is not None and number >= end and number in thing.totals)
        }
        self.verdicts = dict(sorted((kept | judged).items()))
        self.track(changed)

    def track(self, changed: int) -> None:
        """Track the anomalies that a change of a day may touch."""
        rules = Rules(
            thing_id=ID,
            calm_to_close=CALM,
            find_reason=self.find_reason,
            is_too_old=lambda number: number < self.oldest,
        )
        known, first = self.read(changed)
        found = track(known, [each for number, each in self.verdicts.items() if number >= first], rules)
        self.anomalies |= {anomaly.id: anomaly for anomaly in found.changed}
        self.alerts += found.alerts

    def read(self, changed: int) -> tuple[list[Anomaly], int]:
        """Return the known anomalies that a change may touch, and the first day of the oldest."""
        numbers = sorted(self.verdicts)
        first = changed
        while True:
            # Of the calm days that close an episode, the change may have taken away one.
            place = bisect_left(numbers, first) - CALM
            reached = numbers[place] if place >= 0 else 0
            known = [each for each in self.anomalies.values() if each.reach >= reached or self.is_open(each)]
            oldest = min([first, *(each.first_period for each in known if each.first_period is not None)])
            if oldest == first:
                return known, first
            first = oldest

    def is_open(self, anomaly: Anomaly) -> bool:
        return anomaly.status is AnomalyStatus.OPEN

    def rest(self) -> "Tracked":
        while self.thing.dirty is not None:
            self.fold_slice()
        return self

    def shape(self) -> list[tuple[object, ...]]:
        """Return what the anomalies are, whatever their names and alerts."""
        live = [each for each in self.anomalies.values() if each.status is not AnomalyStatus.WITHDRAWN]
        return sorted(
            (each.first_period, each.last_period, each.periods, each.excess, each.chance, each.status, each.cause)
            for each in live
        )

    def told(self) -> list[tuple[str, str]]:
        """Return the alerts: the anomaly and the kind of each."""
        return [(each.anomaly.id, each.kind.value) for each in self.alerts]


def restate(tracked: Tracked, day: int, units: float) -> Tracked:
    """Give the one entry of a day another amount, or add it; days count from the end of the usual ones."""
    known = tracked.thing.totals.get(FIRST + LONG + day)
    micros = round(units * UNIT)
    change = entry_total(micros) if known is None else PeriodTotal(micros=micros - known.micros)
    tracked.thing.change(FIRST + LONG + day, change)
    return tracked.rest()


def after_usual_days(*units: float, find_reason: FindReason = is_worth) -> Tracked:
    """Return a thing with sixty usual days of about 100, and then these."""
    tracked = Tracked(Thing(DETECTORS[1], FIRST + LONG), find_reason)
    for day, usual in enumerate(wavering(LONG), -LONG):
        tracked.thing.change(FIRST + LONG + day, entry_total(round(usual * UNIT)))
    tracked.rest()
    for day, amount in enumerate(units):
        restate(tracked, day, amount)
        tracked.thing.move_on(FIRST + LONG + day + 1)
        tracked.rest()
    return tracked


def name(day: int, turn: int = 0) -> str:
    return name_anomaly_of_periods(ID, FIRST + LONG + day, turn)
