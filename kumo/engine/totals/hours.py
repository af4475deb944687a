"""The hours of series that come hourly: their totals are judged too, and an anomalous hour makes its day one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kumo.domain.totals.chain import Chain, compute_fingerprint, pack, unpack
from kumo.domain.totals.folding import JudgedPeriod, Stretch, fold
from kumo.domain.totals.hourly import find_hourliness, may_be_hourly, merge_hours
from kumo.domain.totals.periods import HOUR_TOTALS_DAYS, Grain
from kumo.engine.totals.folding import Due, FoldedThing
from kumo.services import Services
from kumo.store import hours, things
from kumo.store.hours import HOURS, HourlyRow, HourTotal
from kumo.store.partition import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class DueHours:
    """What a fold of hours needs to know: the oldest changed hour, and the first running one, since 1970."""

    dirty: int
    first_running: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedHours:
    """The result: the new row, and the verdicts on hours, None where there is none any more.

    `days` has all verdicts on the hours of each day of these.
    """

    row: HourlyRow
    judged: Mapping[int, JudgedPeriod | None]
    days: Mapping[int, Sequence[JudgedPeriod]]


@dataclass(frozen=True, slots=True)
class HourFolding:
    """Folds the hours of the series of one commit; `rows` has those that may be hourly."""

    services: Services
    partition: Partition
    rows: Mapping[str, HourlyRow]

    def fold(
        self, due: Mapping[str, Due], hours_due: Mapping[str, DueHours], folded: Mapping[str, FoldedThing]
    ) -> dict[str, FoldedHours]:
        """Fold the hours of the series that come hourly, and find out which do."""
        found = {}
        for series, each in folded.items():
            if series in hours_due and (series in self.rows or _may_be_hourly(each, due[series])):
                found[series] = self._fold(series, due[series], hours_due[series], each)
        return found

    def _fold(self, series: str, due: Due, wanted: DueHours, folded: FoldedThing) -> FoldedHours:
        row, kept = self.rows.get(series), due.first_running - HOUR_TOTALS_DAYS
        since = max(kept, min(due.dirty, row.checked) if row else kept)
        days = [total.day for total in folded.totals if total.day >= since]
        hours.sum_up(self.services.store, self.partition, [(series, day) for day in days])
        totals = hours.read(self.services.store, self.partition, series, kept, folded.last_day)
        is_hourly = self._is_hourly(row, due, totals)
        if not is_hourly:
            return FoldedHours(row=HourlyRow(due.first_running), judged={}, days=dict.fromkeys(days, ()))
        is_new = row is None or not row.is_hourly
        dirty = kept * HOURS if is_new else max(wanted.dirty, kept * HOURS)
        return self._judge(series, due, replace(wanted, dirty=dirty), totals)

    def _is_hourly(self, row: HourlyRow | None, due: Due, totals: Sequence[HourTotal]) -> bool:
        if row and row.checked == due.first_running and due.dirty >= due.first_running:
            return row.is_hourly
        counts = hours.count_hours(totals)
        return find_hourliness({day: n for day, n in counts.items() if day < due.first_running}).hourly

    def _judge(self, series: str, due: Due, wanted: DueHours, totals: Sequence[HourTotal]) -> FoldedHours:
        """Fold hours from the oldest changed one on, all of them."""
        row = self.rows.get(series)
        fingerprint = compute_fingerprint(due.detector, self.services.settings.window)
        chain = unpack(row.chain if row else b"", Grain.HOUR, fingerprint)
        chain = chain.rewind(min(wanted.dirty, wanted.first_running))
        judged, start, is_complete = dict[int, JudgedPeriod](), chain.frontier, False
        while not is_complete:
            stretch = self._stretch(due, wanted, chain, totals)
            chain, periods, is_complete, *_ = fold(due.detector, chain, stretch)
            judged |= {period.number: period for period in periods}
        first = start - start % HOURS if start else totals[0].hour if totals else 0
        stored = hours.read_periods(self.services.store, series, first, _last_hour(totals))
        changed = {hour: None for hour in stored if hour >= start and hour not in judged} | judged
        known = {hour: period for hour, period in {**stored, **changed}.items() if period is not None}
        days: dict[int, list[JudgedPeriod]] = {hour // HOURS: [] for hour in changed}
        for hour, period in known.items():
            days.setdefault(hour // HOURS, []).append(period)
        return FoldedHours(
            row=HourlyRow(due.first_running, is_hourly=True, chain=pack(chain, fingerprint)), judged=changed, days=days
        )

    def _stretch(self, due: Due, wanted: DueHours, chain: Chain, totals: Sequence[HourTotal]) -> Stretch:
        window = self.services.settings.window
        start = next((place for place, total in enumerate(totals) if total.hour >= chain.frontier), len(totals))
        return Stretch(
            totals=[(total.hour, total.micros) for total in totals[start:]],
            first_running=wanted.first_running,
            window=window,
            earlier=[total.micros for total in totals[max(start - window, 0) : start]],
            excused=frozenset(day * HOURS + hour for day in due.excused for hour in range(HOURS)),
        )

    def merge(self, series: str, folded: FoldedThing, found: FoldedHours, first_running: int) -> FoldedThing:
        """Return the fold of a series' days with the verdicts on its hours; other days may change too."""
        judged = {period.number: period for period in folded.judged}
        earlier = sorted(day for day in found.days if day not in judged and day not in folded.vanished)
        if earlier:
            end = min(judged, default=folded.last_day)
            stored = things.read_periods(self.services.store, [series], earlier[0], end)[series]
            judged = {day: period for day, period in stored.items() if day not in folded.vanished} | judged
        merged = [
            merge_hours(period, found.days[day], is_running=day >= first_running) if day in found.days else period
            for day, period in sorted(judged.items())
        ]
        return replace(folded, judged=merged)


def _may_be_hourly(folded: FoldedThing, due: Due) -> bool:
    return may_be_hourly([total.entries for total in folded.totals if total.day < due.first_running])


def _last_hour(totals: Sequence[HourTotal]) -> int:
    return (totals[-1].hour if totals else 0) + HOURS
