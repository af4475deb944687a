"""The census: once a day it counts what is judged, and chooses which groups are.

It reads all series and groups. It is also taken when all costs of a currency first have ten complete days, and when
the store has grown much. Two at once, or one that is killed half way, do no harm: each writes what follows from the
totals, and the day of the census comes last.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kumo.domain.groups import (
    CHOICE_DAYS,
    COMPLETE_DAYS,
    DIMENSIONS,
    MOST_JUDGED,
    TAG,
    choose_judged,
    has_own_verdict,
    name_tag_dimension,
)
from kumo.domain.worth import FleetDay
from kumo.engine.totals import whole
from kumo.services import Services
from kumo.store import census, day_sums, feed, fleets, groups, keys, leases
from kumo.store.census import Chosen
from kumo.store.entries import WAKE_MS
from kumo.store.series import day_of

# At most one census begins in this time; it takes seconds.
LEASE_MS: Final = 30_000
WEEK: Final = 7

_log = logging.getLogger(__name__)


def take_turn(services: Services) -> None:
    """Take the census if it is due, unless another process takes it, or did so a moment ago."""
    if is_due(services) and leases.take(services.store, keys.CENSUS_LEASE, services.token(), LEASE_MS):
        take(services)


def is_due(services: Services) -> bool:
    """Return whether a day has begun, a currency has its tenth complete day, or the last census is out of date.

    The last census is so if the store has grown much since, or the last complete day is another week.
    """
    today, last = day_of(services.clock()), census.find_day(services.store)
    if last is None or not today <= last <= today + 1:
        return True
    known = fleets.read(services.store)
    now = whole.describe_all(services)
    return any(_is_outdated(known.days.get(currency), day, known.stored) for currency, day in now.items())


def _is_outdated(before: FleetDay | None, now: FleetDay, stored: int) -> bool:
    if now.complete_days < COMPLETE_DAYS:
        return False
    if before is None or before.complete_days < COMPLETE_DAYS:
        return True
    return now.day > before.day + WEEK or before.is_outgrown(stored)


def take(services: Services, most: int = MOST_JUDGED) -> None:
    """Choose the groups that are judged, at most so many of a dimension and currency, and count the fleet."""
    store, today = services.store, day_of(services.clock())
    counting = _Counting(services, whole.describe_all(services), most)
    stored = fleets.read(store).stored
    counting.count_series()
    for dimension in (*DIMENSIONS, *map(name_tag_dimension, services.settings.tag_keys)):
        counting.choose(dimension)
    for home in store.partitions:
        services.failpoint("census.replace")
        if census.replace(store, home, counting.chosen[home.number]) and feed.wake(store, home, WAKE_MS):
            services.jobs.judge(home.number)
    services.failpoint("census.replaced")
    days = {currency: replace(day, stored=stored) for currency, day in counting.days.items()}
    fleets.replace(store, days)
    census.save_day(store, today)
    _log.info("Census: %d series and groups are judged.", sum(day.things for day in days.values()))


@dataclass(slots=True)
class _Counting:
    """A census in progress: `active` counts the series of each group, `chosen` is by the number of the home."""

    services: Services
    days: dict[str, FleetDay]
    most: int
    active: Counter[str] = field(default_factory=Counter)
    chosen: Mapping[int, Chosen] = field(default_factory=lambda: defaultdict(lambda: Chosen([], [])))

    def count_series(self) -> None:
        """Count the series: in the fleet, and those of each group that had costs lately."""
        of_currency: dict[str, list[str]] = defaultdict(list)
        for series in census.list_series(self.services.store):
            last = self.days[series.currency].day if series.currency in self.days else 0
            newest = day_of(series.newest)
            if newest > last - CHOICE_DAYS:
                self.active.update(series.groups)
            if newest >= last:
                of_currency[series.currency].append(series.id)
        for currency, ids in of_currency.items():
            self._count(currency, ids)

    def choose(self, dimension: str) -> None:
        """Choose the groups of a dimension that are judged, and count these in the fleet."""
        store = self.services.store
        found = census.list_groups(store, dimension)
        members = groups.count_members(store, list(found)) if dimension.startswith(TAG) else self.active
        able: dict[str, list[str]] = defaultdict(list)
        for group_id, group in found.items():
            days = self.days[group.currency].complete_days if group.currency in self.days else 0
            if has_own_verdict(group, complete_days=days, series=members[group_id], is_chosen=True):
                able[group.currency].append(group_id)
        judged = {each for currency, ids in able.items() for each in self._choose_largest(currency, ids)}
        for group_id in found:
            home = self.chosen[store.partition(group_id).number]
            (home.judged if group_id in judged else home.others).append(group_id)

    def _choose_largest(self, currency: str, group_ids: Sequence[str]) -> Collection[str]:
        last = self.days[currency].day
        spend: dict[str, int] = dict.fromkeys(group_ids, 0)
        if len(group_ids) > self.most:
            spend |= dict(day_sums.sum_days(self.services.store, group_ids, last - CHOICE_DAYS + 1, last))
        judged = choose_judged(spend, self.most)
        self._count(currency, list(judged))
        return judged

    def _count(self, currency: str, things: Sequence[str]) -> None:
        """Count those of some things that have a total on the last complete day."""
        known = self.days.get(currency)
        if known is None or not known.complete_days:
            return
        sizes = [abs(micros) for _, micros in day_sums.sum_days(self.services.store, things, known.day, known.day)]
        self.days[currency] = replace(known, things=known.things + len(sizes), spend=known.spend + sum(sizes))
