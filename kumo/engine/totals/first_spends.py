"""First spend: series and groups that are new on a day and cost much, under the broadest name.

Each thing is looked at by the judge of its own total, at each of its totals above the limit. Whether something broader
is new follows from the totals alone: so two judges at once agree, and nothing needs to be remembered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from kumo.domain.entries import Series
from kumo.domain.first_spend import SERIES, SILENT_DAYS, is_broader, is_new, measure_news
from kumo.domain.groups import ALL, DIMENSIONS, Group, groups_of_series
from kumo.engine.totals import worth
from kumo.services import Services
from kumo.store import day_sums, groups, series
from kumo.store.changes import Cells
from kumo.store.commands import hmget
from kumo.store.partition import Partition

Limit: TypeAlias = Callable[[int], int | None]
"""The micros above which something new on a day is a first spend; None if nothing is then."""


def find(services: Services, limit: Limit, spent: Mapping[str, Mapping[int, int]]) -> dict[str, list[int]]:
    """Return the days on which things are a first spend, by thing.

    `spent` has what series and groups of one currency spent, in micros by day since 1970. Something that is part of
    something broader that is new is not news by itself.
    """
    by_day: dict[int, dict[str, int]] = {}
    for thing, days in spent.items():
        for day, micros in days.items():
            by_day.setdefault(day, {})[thing] = micros
    found: dict[str, list[int]] = {}
    for day, things in by_day.items():
        above = limit(day)
        large = {} if above is None else {thing: micros for thing, micros in things.items() if micros > above}
        if above is not None and large:
            for thing in _DayOfNews(services, day, above).find(large):
                found.setdefault(thing, []).append(day)
    return found


def select_groups(services: Services, home: Partition, spent: Mapping[str, Mapping[int, int]]) -> set[str]:
    """Return the groups of a home that are a first spend on one of some days, or have an open anomaly.

    They are judged on these days although they have no verdict of their own, as those of a single series. `spent` has
    micros by group and day.
    """
    if not spent:
        return set()
    ids, fleet = list(spent), worth.read(services)
    [opened] = services.store.many([hmget(home.open, *ids)])
    selected = {group for group, anomaly in zip(ids, opened, strict=True) if anomaly}
    large = [group for group, days in spent.items() if any(fleet.may_be_first(*each) for each in days.items())]
    known = groups.describe(services.store, large)
    for currency in {group.currency for group in known.values()}:
        mine = {group: spent[group] for group in large if group in known and known[group].currency == currency}
        selected |= find(services, partial(fleet.compute_first_limit, currency), mine).keys()
    return selected


@dataclass(slots=True)
class _DayOfNews:
    """One day of one currency."""

    services: Services
    day: int
    limit: int
    identities: dict[str, Series] = field(default_factory=dict)

    def find(self, things: Mapping[str, int]) -> list[str]:
        """Return which of some things are a first spend; each is above the limit."""
        store = self.services.store
        new = self._select_new(list(things))
        if not new:
            return []
        self.identities = series.identities(store, new)
        described = groups.describe(store, [thing for thing in new if thing not in self.identities])
        return [
            thing
            for thing in new
            if (thing in self.identities and self._is_news(SERIES, {thing: things[thing]}))
            or (thing in described and self._is_news_of_group(described[thing]))
        ]

    def _select_new(self, things: Sequence[str]) -> list[str]:
        """Return the things that are new on the day."""
        silent = self._select_silent(things)
        earlier = day_sums.list_days(self.services.store, silent, self.day)
        return [thing for thing in silent if is_new(earlier[thing], self.day)]

    def _select_silent(self, things: Sequence[str]) -> list[str]:
        """Return the things that seem to have no entries lately: totals of groups may not be combined yet."""
        sums = day_sums.sum_days(self.services.store, things, self.day - SILENT_DAYS, self.day - 1)
        lately = {thing for thing, _ in sums}
        return [thing for thing in things if thing not in lately]

    def _is_news_of_group(self, group: Group) -> bool:
        if group.dimension == ALL or group.is_remainder:
            return False
        store = self.services.store
        filters = dict(zip(group.dimension.split(","), group.value, strict=True)) | {"currency": group.currency}
        members = series.matching(store, filters)
        self.identities |= series.identities(store, members)
        usage = [each for each in members if not self.identities[each].charge_category]
        return self._is_news(group.dimension, dict(day_sums.sum_days(store, usage, self.day, self.day)))

    def _is_news(self, dimension: str, spend: Mapping[str, int]) -> bool:
        """Return whether enough of what series spent is outside of broader groups that are new, from the broadest on.

        A broader group counts if it costs more than the limit too.
        """
        covered: dict[str, int] = {}
        for broader in (each for each in DIMENSIONS if each != ALL and is_broader(each, dimension)):
            if measure_news(spend, covered) <= self.limit:
                return False
            of_series = {series: self._find_group(series, broader) for series in spend if series not in covered}
            silent = self._select_silent(sorted(set(of_series.values())))
            news = set(self._select_new(self._select_large(silent)))
            covered |= {series: spend[series] for series, group in of_series.items() if group in news}
        return measure_news(spend, covered) > self.limit

    def _find_group(self, series_id: str, dimension: str) -> str:
        return groups_of_series(self.identities[series_id])[DIMENSIONS.index(dimension)].id

    def _select_large(self, group_ids: Sequence[str]) -> list[str]:
        """Return the groups that cost more than the limit so far, by the shares of all partitions."""
        cells = {group: Cells(days={self.day}) for group in group_ids}
        found = groups.read_shares(self.services.store, cells)
        return [group for group, days in found.items() if days[self.day].judged.micros > self.limit]
