"""The totals of all series and groups by day, in memory: what the store keeps, to replay a history without one."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kumo.domain.detectors import Detector
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ALL, CHOICE_DAYS, Group, choose_judged, groups_of_series, has_own_verdict, share_entry
from kumo.domain.thing import Thing

_RECENT_DAYS: Final = 7  # of which the parts of tags are kept by series


@dataclass(slots=True)
class _Members:
    """The series of a group."""

    subject: Group
    series: dict[str, None] = field(default_factory=dict)


class Ledger:
    """Keeps the totals of entries by series and group, and folds what has changed.

    A group of one series has no totals of its own: they are those of the series. The values of tags have their own,
    because a tag may have a part of an entry. Which groups are judged is decided anew with each first running day.
    """

    def __init__(self, detector: Detector[Any], window: int, tag_keys: Sequence[str] = ()) -> None:
        self._detector = detector
        self._window = window
        self._tag_keys = tag_keys
        self.things: dict[str, Thing] = {}
        self.first_running = -1
        self._groups: dict[str, _Members] = {}
        self._of_series: dict[str, tuple[str, ...]] = {}
        self._chosen: set[str] = set()
        self._unfolded: set[str] = set()
        self._running: set[str] = set()
        self._tagged: dict[int, Counter[tuple[str, str]]] = {}

    def add(self, entry: Entry, sign: int = 1) -> None:
        """Add an entry, or take one out: with −1, as it was added. A restated one is taken out and added."""
        if entry.series.charge_category:
            return
        day = entry.timestamp // DAY_MS
        self.change(entry.series.id, entry.series, day, sign * entry.amount, sign)
        if self._tag_keys:
            self._share_tags(entry, day, sign)

    def change(self, name: str, series: Series, day: int, micros: int, entries: int) -> tuple[str, ...]:
        """Add an amount and a number of entries to a day of a series, by its id, and of its groups.

        Returns the ids of the groups, without values of tags. Two series under two ids may have the same names.
        """
        groups = self._of_series.get(name) or self._join(series, name)
        for each in (name, *groups):
            if each in self.things:
                self._change(each, day, micros, entries)
        return groups

    def judge(self, first_running: int, names: Iterable[str] | None = None) -> dict[str, int]:
        """Fold what has changed, or that of some things: days before `first_running` are over.

        Returns for each thing the first day whose verdict may have changed.
        """
        if first_running != self.first_running:
            self.first_running = first_running
            self._choose()
            names = self._unfolded | self._running
        wanted = self._unfolded if names is None else names
        return dict(self._fold([name for name in wanted if self.has_own_verdict(name)]))

    def _fold(self, names: Iterable[str]) -> Iterator[tuple[str, int]]:
        for name in names:
            thing = self.things[name]
            changed = thing.fold(self._detector, self._window, self.first_running)
            self._unfolded.discard(name)
            if thing.days and thing.days[-1] >= self.first_running:
                self._running.add(name)
            else:
                self._running.discard(name)
            if changed is not None:
                yield name, changed

    def has_own_verdict(self, name: str) -> bool:
        """Return whether a thing is judged: a series, or a group by itself."""
        return name in self._chosen or (name in self.things and isinstance(self.things[name].subject, Series))

    def get_totals(self, name: str) -> Thing:
        """Return what holds the totals of a series or a group: for a group of one series, the series."""
        thing = self.things.get(name)
        return thing or self.things[next(iter(self._groups[name].series))]

    def count_things(self) -> int:
        """Return how many series and groups there are, judged or not."""
        return len(self._of_series) + len(self._groups)

    def find_group(self, name: str) -> Group | None:
        """Return a group by its id; None for the id of a series."""
        members = self._groups.get(name)
        return members.subject if members else None

    def get_subject(self, name: str) -> Series | Group:
        """Return the series or group with an id."""
        return self.find_group(name) or self.things[name].subject

    def list_members(self, name: str) -> Iterable[str]:
        """Return the ids of the series of a group; those of a series are itself."""
        return self._groups[name].series if name in self._groups else (name,)

    def find_all(self, currency: str) -> Thing | None:
        """Return all costs of a currency."""
        name = Group(ALL, (), currency).id
        return self.get_totals(name) if name in self._groups else None

    def count_complete_days(self, currency: str, day: int | None = None) -> int:
        """Return how many days of a currency's `all` are over, before a day."""
        whole = self.find_all(currency)
        return bisect_left(whole.days, self.first_running if day is None else day) if whole else 0

    def spend_by_series(self, name: str, day: int) -> Mapping[str, int]:
        """Return what each series of a thing spent on a day, in micros; of a tag's value its part, for recent days."""
        if name in self._groups and self._groups[name].subject.tag is not None:
            tagged = self._tagged.get(day, Counter())
            return {series: tagged[name, series] for series in self.list_members(name) if (name, series) in tagged}
        totals = {series: self.things[series].read_total(day) for series in self.list_members(name)}
        return {series: micros for series, micros in totals.items() if micros is not None}

    def _change(self, name: str, day: int, micros: int, entries: int) -> None:
        self.things[name].change(day, micros, entries)
        self._unfolded.add(name)

    def _join(self, series: Series, name: str) -> tuple[str, ...]:
        """Begin a series, and make it a member of its groups."""
        self.things[name] = Thing(series)
        groups = groups_of_series(series)
        for group in groups:
            members = self._groups.setdefault(group.id, _Members(group)).series
            if members and group.id not in self.things:
                only = self.things[next(iter(members))]
                self.things[group.id] = Thing(group, [*only.days], [*only.micros], [*only.entries])
            members[name] = None
        self._of_series[name] = tuple(group.id for group in groups)
        return self._of_series[name]

    def _share_tags(self, entry: Entry, day: int, sign: int) -> None:
        name = entry.series.id
        for group, total, _ in share_entry(entry, self._tag_keys):
            if group.tag is None:
                continue
            if group.id not in self._groups:
                self._groups[group.id], self.things[group.id] = _Members(group), Thing(group)
            self._groups[group.id].series[name] = None
            self._change(group.id, day, sign * total.micros, sign)
            self._tagged.setdefault(day, Counter())[group.id, name] += sign * total.micros
        if len(self._tagged) > _RECENT_DAYS:
            del self._tagged[min(self._tagged)]

    def _choose(self) -> None:
        """Choose the groups that are judged, from the costs before the first running day."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        complete: dict[str, int] = {}
        for name, members in self._groups.items():
            group = members.subject
            if group.currency not in complete:
                complete[group.currency] = self.count_complete_days(group.currency)
            active = sum(self._is_active(series) for series in members.series) if name in self.things else 0
            if has_own_verdict(group, complete_days=complete[group.currency], series=active, is_chosen=True):
                found[group.dimension, group.currency].append(name)
        chosen = (choose_judged({name: self._sum_recent(name) for name in names}) for names in found.values())
        self._chosen = set().union(*chosen)

    def _is_active(self, series: str) -> bool:
        days = self.things[series].days
        return bool(days) and days[-1] > self.first_running - CHOICE_DAYS

    def _sum_recent(self, name: str) -> int:
        thing = self.things[name]
        return sum(thing.micros[bisect_left(thing.days, self.first_running - CHOICE_DAYS) :])
