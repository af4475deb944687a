"""Replaying a history: entries and totals are judged as they would have been live."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kumo.domain import detectors
from kumo.domain.entries import DAY_MS
from kumo.domain.findings import FirstDays, count_fleets
from kumo.domain.judging import WINDOWED, Arrival, Status, Verdict, standard_score
from kumo.domain.ledger import Ledger
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.domain.window import Window
from kumo.engine.backtest.rows import Row
from kumo.engine.backtest.series_replay import KnownEntry, Outcome, SeriesReplay
from kumo.engine.backtest.tracker import Message, Tracker
from kumo.engine.totals.worth import Fleets
from kumo.settings import Settings


class Sent(NamedTuple):
    """A message, and the number of arrivals until it would be sent."""

    message: Message
    arrivals: int


@dataclass(slots=True)
class _Entered:
    """A row that entered the totals and its window, and is not judged yet."""

    row: Row
    day: int
    arrival: Arrival
    known: KnownEntry | None
    groups: Sequence[str]
    is_new: bool


class Replay:
    """Judges rows in order of arrival. Holds the totals of all series and groups by day, and a window of each series.

    Days are over as soon as a later one begins. Rows of different series at one time are judged as one batch.
    """

    def __init__(self, settings: Settings) -> None:
        self._size = settings.window
        self._detector = detectors.build(settings.detector, settings.threshold, settings.min_history)
        self._new_state = self._detector.unpack(b"")
        self.ledger = Ledger(self._detector, settings.window)
        self.tracker = Tracker(self.ledger, self._detector, Fleets(settings, {}, 1))
        self._settings = settings
        self._first_days = FirstDays(self.ledger)
        self._series: dict[str, SeriesReplay] = {}
        self._today = -1
        self._arrivals = 0

    def judge(self, rows: Iterable[Row]) -> Iterator[tuple[int, Outcome]]:
        """Judge rows; yield the place and verdict of each, in order of arrival."""
        for batch in _split(rows):
            self._move_on(max(row.timestamp // DAY_MS for row in batch))
            self._arrivals += len(batch)
            repeated = {row.place: outcome for row in batch if (outcome := self._find_outcome(row))}
            entered = [self._enter(row) for row in batch if row.place not in repeated]
            changed = self.ledger.judge(self._today, self._find_touched(entered))
            outcomes = {each.row.place: self._judge_entry(each) for each in entered}
            self._follow(changed)
            self._report_first_spends(entered)
            yield from (repeated | outcomes).items()

    def take_messages(self) -> list[Sent]:
        """Return the messages since the last call."""
        messages, self.tracker.messages = self.tracker.messages, []
        return [Sent(message, self._arrivals) for message in messages]

    def _move_on(self, day: int) -> None:
        """Let the days before a new one be over."""
        if day <= self._today:
            return
        self._today = day
        changed = self.ledger.judge(day)
        self.tracker.fleets = Fleets(self._settings, count_fleets(self.ledger), self.ledger.count_things())
        self._first_days.begin_day(day)
        self._follow(changed)

    def _find_outcome(self, row: Row) -> Outcome | None:
        """Return the earlier verdict of a row that repeats an entry with the amount that it has."""
        known = self._find_series(row.named.id).find_known(row)
        return known.outcome if known and known.amount == row.amount else None

    def _enter(self, row: Row) -> _Entered:
        """Add a row to the totals and to the window of its series."""
        name, past = row.named.id, self._find_series(row.named.id)
        known = past.find_known(row)
        before, day = (known.amount, known.timestamp // DAY_MS) if known else (0, row.timestamp // DAY_MS)
        arrival = past.enter(row, known)
        entries = 0 if known else 1
        groups = self.ledger.change(name, row.named.series, day, row.amount - before, entries)
        is_new = self._first_days.note(name, row.named.series.currency, groups, day)
        return _Entered(row, day, arrival, known, groups, is_new)

    def _find_touched(self, entered: Sequence[_Entered]) -> list[str]:
        """Return what a batch changed. The total of a single entry is judged in any case: the entry has its verdict."""
        for each in entered:
            thing = self.ledger.things[each.row.named.id]
            if thing.is_single(each.day):
                thing.alarms.pop(each.day, None)
        return list(dict.fromkeys(name for each in entered for name in (each.row.named.id, *each.groups)))

    def _judge_entry(self, entered: _Entered) -> Outcome:
        arrival, thing = entered.arrival, self.ledger.things[entered.row.named.id]
        verdict: Verdict | None = None
        if not thing.is_single(entered.day):
            verdict = self._judge_beside_total(arrival, entered.known)
            outcome = Outcome(verdict.status, verdict.z, verdict.score)
        elif self._detector.name == WINDOWED:
            # The verdict is that of the plain rule; messages are about the total, which is the same thing.
            plain, _ = self._detector.judge(arrival, self._new_state)
            outcome = Outcome(plain.status, plain.z, plain.score)
        else:
            outcome = self._describe_single(arrival, thing.judged[entered.day])
            # The series begins anew once it has several entries a day.
            self._series[arrival.series_id].state = self._new_state
        if known := self._series[arrival.series_id].find_known(entered.row):
            known.outcome, known.judged = outcome, verdict
        return outcome

    def _judge_beside_total(self, arrival: Arrival, known: KnownEntry | None) -> Verdict:
        past = self._series[arrival.series_id]
        before = past.state
        verdict, past.state = self._detector.judge(arrival, before)
        return self.tracker.follow_entry(arrival, verdict, known.judged if known else None, before)

    def _describe_single(self, arrival: Arrival, period: JudgedPeriod) -> Outcome:
        """Return the verdict of an entry that is the total of its day."""
        baseline = arrival.baseline
        z = standard_score(arrival.amount, baseline) if baseline.n >= self._detector.min_history else None
        status = Status.LEARNING if period.usual is None else Status.NORMAL
        return Outcome(Status.ANOMALY if period.status is TotalStatus.ANOMALY else status, z, period.score)

    def _follow(self, changed: Mapping[str, int]) -> None:
        for name, day in changed.items():
            self.tracker.follow_totals(name, day)

    def _report_first_spends(self, entered: Sequence[_Entered]) -> None:
        new = dict.fromkeys((each.row.named.series.currency, each.day) for each in entered if each.is_new)
        for currency, day in new:
            limit = self.tracker.fleets.compute_first_limit(currency, day)
            if limit is not None:
                for found in self._first_days.find(currency, day, limit):
                    self.tracker.report_first_spend(found, currency, day)

    def _find_series(self, name: str) -> SeriesReplay:
        past = self._series.get(name)
        if past is None:
            past = self._series[name] = SeriesReplay(Window(self._size), self._new_state)
        return past


def _split(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Split rows into batches: rows of one time, each of another series."""
    batch: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        if batch and (row.timestamp != batch[0].timestamp or row.named.id in seen):
            yield batch
            batch, seen = [], set()
        batch.append(row)
        seen.add(row.named.id)
    if batch:
        yield batch
