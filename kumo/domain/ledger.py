"""The totals of all series and groups by day, in memory: what the store keeps, to replay a history without one."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kumo.domain.detectors import Detector
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ALL, CHOICE_DAYS, Group, has_own_verdict, share_entry
from kumo.domain.totals.amounts import NOTHING, PeriodTotal, entry_total
from kumo.domain.totals.chain import Chain
from kumo.domain.totals.folding import JudgedPeriod, Stretch, TotalStatus, compute_alarm, fold
from kumo.domain.totals.periods import Grain

Subject = Series | Group
_NO_ALARM: Final = 2**70
_RECENT_DAYS: Final = 7  # of which the parts of tags are kept by series


@dataclass(slots=True)
class Thing:
    """A series or a group: its totals and verdicts by day, its chain, and the oldest day that changed since."""

    subject: Subject
    totals: dict[int, PeriodTotal] = field(default_factory=dict)
    days: list[int] = field(default_factory=list)
    judged: dict[int, JudgedPeriod] = field(default_factory=dict)
    chain: Chain = field(default_factory=lambda: Chain(Grain.DAY))
    dirty: int | None = None
    alarms: dict[int, int] = field(default_factory=dict)

    def change(self, day: int, change: PeriodTotal) -> None:
        """Add to the total of a day, or take from it."""
        known = self.totals.get(day)
        total = (known or NOTHING).combine(change)
        if known is None:
            insort(self.days, day)
        self.totals[day] = total
        if not total.exists:
            del self.totals[day]
            self.days.remove(day)
        self.dirty = day if self.dirty is None else min(day, self.dirty)

    def fold(self, detector: Detector[Any], window: int, first_running: int) -> None:
        """Judge what has changed: all days from the oldest one on, up to the running ones."""
        if self.dirty is None and self.chain.frontier == first_running:
            return
        if self._is_quiet(first_running):
            self.dirty = None
            return
        self.chain = self.chain.rewind(min(first_running, first_running if self.dirty is None else self.dirty))
        self.judged = {day: each for day, each in self.judged.items() if day < self.chain.frontier}
        complete = False
        while not complete:
            result = fold(detector, self.chain, self._read(window, first_running))
            self.chain, complete = result.chain, result.is_complete
            self.judged |= {each.number: each for each in result.judged}
        running = [each for each in self.judged.values() if each.number >= first_running]
        self.alarms = {each.number: _alarm(each) for each in running if each.status is TotalStatus.RUNNING}
        self.dirty = None

    def _is_quiet(self, first_running: int) -> bool:
        """Tell whether nothing but running totals changed, and none of them is above its alarm."""
        if self.chain.frontier != first_running or self.dirty is None or self.dirty < first_running:
            return False
        running = self.days[bisect_left(self.days, first_running) :]
        return all(day in self.alarms and self.totals[day].micros <= self.alarms[day] for day in running)

    def _read(self, window: int, first_running: int) -> Stretch:
        start = bisect_left(self.days, self.chain.frontier)
        return Stretch(
            totals=[(day, self.totals[day].micros) for day in self.days[start:]],
            first_running=first_running,
            window=window,
            earlier=[self.totals[day].micros for day in self.days[max(start - window, 0) : start]],
        )


def _alarm(period: JudgedPeriod) -> int:
    alarm = compute_alarm(period.limit)
    return _NO_ALARM if alarm is None else alarm


class Ledger:
    """Keeps the totals of entries by series and group, and folds what has changed."""

    def __init__(self, detector: Detector[Any], window: int, tag_keys: Sequence[str]) -> None:
        self._detector = detector
        self._window = window
        self._tag_keys = tag_keys
        self.things: dict[str, Thing] = {}
        self.members: dict[str, set[str]] = defaultdict(set)
        self._changed: set[str] = set()
        self._first_running = -1
        self._tagged: dict[int, Counter[tuple[str, str]]] = {}

    def add(self, entry: Entry, sign: int = 1) -> None:
        """Add an entry, or take one out: with −1, as it was added. A restated one is taken out and added."""
        day = entry.timestamp // DAY_MS
        series = entry.series
        if not series.charge_category:
            total = entry_total(entry.amount, entry.quantity, entry.unit)
            self._change(series.id, series, day, total if sign > 0 else total.negate())
        for group, total, is_judged in share_entry(entry, self._tag_keys):
            if is_judged:
                self._change(group.id, group, day, total if sign > 0 else total.negate())
                self.members[group.id].add(series.id)
                if group.tag is not None:
                    self._tag(day, group.id, series.id, sign * total.micros)

    def spend_by_series(self, name: str, day: int) -> Mapping[str, int]:
        """Return what each series of a group spent on a day, in micros; of a tag's value its part, for recent days."""
        group = self.things[name].subject
        if isinstance(group, Group) and group.tag is not None:
            tagged = self._tagged.get(day, Counter())
            return {series: tagged[name, series] for series in self.members[name] if (name, series) in tagged}
        totals = {series: self.things[series].totals.get(day) for series in self.members[name]}
        return {series: total.micros for series, total in totals.items() if total is not None}

    def _tag(self, day: int, group: str, series: str, micros: int) -> None:
        self._tagged.setdefault(day, Counter())[group, series] += micros
        if len(self._tagged) > _RECENT_DAYS:
            del self._tagged[min(self._tagged)]

    def _change(self, name: str, subject: Subject, day: int, change: PeriodTotal) -> None:
        thing = self.things.get(name)
        if thing is None:
            thing = self.things[name] = Thing(subject)
        thing.change(day, change)
        self._changed.add(name)

    def judge(self, first_running: int) -> None:
        """Fold all that has changed: days before `first_running` are over."""
        names = self.things if first_running != self._first_running else self._changed
        self._first_running = first_running
        for name in list(names):
            # A group that is not judged yet stays changed until it is.
            if self.has_own_verdict(name, first_running):
                self.things[name].fold(self._detector, self._window, first_running)
                self._changed.discard(name)

    def has_own_verdict(self, name: str, today: int) -> bool:
        """Tell whether a series, or a group by itself, is judged."""
        subject = self.things[name].subject
        if isinstance(subject, Series):
            return True
        active = sum(self._is_active(series, today) for series in self.members[name])
        return has_own_verdict(
            subject,
            complete_days=self.count_complete_days(subject.currency, today),
            series=active,
            is_chosen=True,
        )

    def count_complete_days(self, currency: str, today: int) -> int:
        """Return how many days of a currency's `all` are over."""
        whole = self.find_all(currency)
        return bisect_left(whole.days, today) if whole else 0

    def find_all(self, currency: str) -> Thing | None:
        """Return all costs of a currency."""
        return self.things.get(Group(ALL, (), currency).id)

    def find_judged(self, currency: str, today: int) -> Iterator[tuple[str, Thing]]:
        """Yield what is judged in a currency, by id."""
        for name, thing in self.things.items():
            if thing.subject.currency == currency and self.has_own_verdict(name, today):
                yield name, thing

    def _is_active(self, series: str, today: int) -> bool:
        days = self.things[series].days
        return bool(days) and days[-1] > today - CHOICE_DAYS
