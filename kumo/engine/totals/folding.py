"""Folding the totals of things of one partition: series, and groups that have their home there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kumo.domain.detectors import Detector
from kumo.domain.totals.alarms import compute_alarm
from kumo.domain.totals.chain import Chain, compute_fingerprint, pack, unpack
from kumo.domain.totals.folding import Flagged, FoldResult, JudgedPeriod, Stretch, TotalStatus, fold
from kumo.domain.totals.periods import Grain
from kumo.services import Services
from kumo.store import stretches, things
from kumo.store.partition import Partition
from kumo.store.period_codec import pack_period
from kumo.store.series import day_of
from kumo.store.stretches import DayTotal, WantedStretch
from kumo.store.things import ThingRow

# No entry is of a day after this many from today on.
_AHEAD: Final = 2
# The alarm of a running day that is an anomaly: any other total may take that back.
ALWAYS: Final = -(2**100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a fold of a thing needs to know: its oldest changed day, its detector, its first running day.

    `excused` are days that a person called planned or a false alarm. `asides` has other amounts, in micros, that are
    judged beside the totals of their days. If it may not rest, it is folded even if only running totals changed, and
    none is above its alarm.
    """

    dirty: int
    detector: Detector[Any]
    first_running: int
    excused: frozenset[int] = frozenset()
    asides: Mapping[int, int] = field(default_factory=dict)
    may_rest: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedThing:
    """The result of a fold: the new row, the judged days, and the days that lost their verdict.

    `before` has the packed verdicts that were stored, where days were folded again. `totals` are those read, with
    earlier ones. `left` is the day from which is left to fold, None if nothing is. `calm` is how many calm days end an
    episode. No total is after `last_day`.
    """

    row: ThingRow
    judged: Sequence[JudgedPeriod]
    before: Mapping[int, bytes]
    vanished: frozenset[int]
    totals: Sequence[DayTotal]
    flagged: Mapping[int, Flagged]
    asides: Mapping[int, JudgedPeriod]
    left: int | None
    calm: int
    last_day: int

    def find_changes(self) -> dict[int, JudgedPeriod | None]:
        """Return the verdicts to store by day: those that differ from what is stored, None where there is none now."""
        changed = {each.number: each for each in self.judged if pack_period(each) != self.before.get(each.number)}
        return changed | dict.fromkeys(self.vanished)


def fold_things(services: Services, partition: Partition, due: Mapping[str, Due]) -> dict[str, FoldedThing]:
    """Fold the totals of things, and judge their running ones; those that may rest are left out."""
    rows = things.read_rows(services.store, partition, list(due))
    folding = _Folding(services, partition, rows)
    resting = folding.find_resting(due)
    return folding.run({thing: each for thing, each in due.items() if thing not in resting})


@dataclass(frozen=True, slots=True)
class _Folding:
    services: Services
    partition: Partition
    rows: Mapping[str, ThingRow]

    @property
    def _last_day(self) -> int:
        return day_of(self.services.clock()) + _AHEAD

    def find_resting(self, due: Mapping[str, Due]) -> set[str]:
        """Return the things of which only running totals changed, and none is above its alarm."""
        asked = {
            thing: WantedStretch(start=each.first_running, earlier=0, first=each.first_running)
            for thing, each in due.items()
            if each.may_rest and not each.asides and each.dirty >= each.first_running and self._is_current(thing, each)
        }
        found = stretches.read(self.services.store, self.partition, asked, self._last_day) if asked else {}
        return {thing for thing, totals in found.items() if _is_below(totals, self.rows[thing].alarms)}

    def _is_current(self, thing: str, due: Due) -> bool:
        return self._unpack(thing, due).frontier == due.first_running and bool(self.rows[thing].alarms)

    def _unpack(self, thing: str, due: Due) -> Chain:
        fingerprint = compute_fingerprint(due.detector, self.services.settings.window)
        return unpack(self.rows[thing].days, Grain.DAY, fingerprint)

    def run(self, due: Mapping[str, Due]) -> dict[str, FoldedThing]:
        """Fold things from their oldest change on."""
        if not due:
            return {}
        before = {thing: self._unpack(thing, each) for thing, each in due.items()}
        rewound = {thing: before[thing].rewind(min(each.dirty, each.first_running)) for thing, each in due.items()}
        totals = self._read_totals(due, rewound)
        past = {
            thing: max(rewound[thing].frontier, min(self.rows[thing].first, each.dirty))
            for thing, each in due.items()
            if rewound[thing].frontier < before[thing].frontier
        }
        packed = things.read_packed_periods(self.services.store, past, self._last_day)
        return {
            thing: self._fold(thing, each, rewound[thing], totals[thing], packed.get(thing, {}))
            for thing, each in due.items()
        }

    def _read_totals(self, due: Mapping[str, Due], rewound: Mapping[str, Chain]) -> dict[str, list[DayTotal]]:
        earlier = self.services.settings.window
        asked = {
            thing: WantedStretch(
                start=rewound[thing].frontier, earlier=earlier, first=min(self.rows[thing].first, each.dirty)
            )
            for thing, each in due.items()
        }
        return stretches.read(self.services.store, self.partition, asked, self._last_day)

    def _fold(
        self, thing: str, due: Due, chain: Chain, totals: Sequence[DayTotal], before: Mapping[int, bytes]
    ) -> FoldedThing:
        """Fold a thing; `before` has its stored verdicts, if the chain was rewound."""
        window, row = self.services.settings.window, self.rows[thing]
        start = next((place for place, total in enumerate(totals) if total.day >= chain.frontier), len(totals))
        stretch = Stretch(
            totals=[(total.day, total.micros) for total in totals[start:]],
            first_running=due.first_running,
            window=window,
            earlier=[total.micros for total in totals[max(start - window, 0) : start]],
            newest=totals[start - 1].day if start else 0,
            excused=due.excused,
            asides=due.asides,
        )
        result = fold(due.detector, chain, stretch)
        judged = {period.number for period in result.judged}
        touched = {day for day in before.keys() | row.alarms.keys() if day >= chain.frontier}
        end = result.chain.frontier if not result.is_complete else self._last_day + 1
        return FoldedThing(
            row=self._describe(due, result, row, totals),
            judged=result.judged,
            before=before,
            vanished=frozenset(day for day in touched - judged if day < end),
            totals=totals,
            flagged=result.flagged,
            asides=result.asides,
            left=None if result.is_complete else result.chain.frontier,
            calm=due.detector.calm_to_close(due.detector.unpack(result.chain.state)),
            last_day=self._last_day,
        )

    def _describe(self, due: Due, result: FoldResult, row: ThingRow, totals: Sequence[DayTotal]) -> ThingRow:
        oldest = totals[0].day if totals else due.dirty
        return ThingRow(
            days=pack(result.chain, compute_fingerprint(due.detector, self.services.settings.window)),
            first=min(row.first or oldest, oldest, due.dirty or oldest),
            alarms={
                period.number: ALWAYS if period.status is TotalStatus.ANOMALY else compute_alarm(period.limit)
                for period in result.judged
                if period.number >= due.first_running
            },
        )


def _is_below(totals: Sequence[DayTotal], alarms: Mapping[int, int | None]) -> bool:
    """Tell whether these are the days that were judged, and none is above its alarm."""
    return {total.day for total in totals} == alarms.keys() and all(
        alarm is None or total.micros <= alarm for total in totals for alarm in [alarms[total.day]]
    )
