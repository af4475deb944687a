"""All costs of a currency: which of their days are over, and what a day usually costs."""

from collections.abc import Mapping
from statistics import median_low
from typing import Final

from kumo.domain.groups import ALL, PROVIDER, Group
from kumo.domain.totals.completeness import Feed, GroupFeed, first_running_day_of_group
from kumo.domain.worth import FleetDay
from kumo.services import Services
from kumo.store import census, groups, progress, things
from kumo.store.series import day_of

# How far back a provider's totals tell whether it matters: two weeks, and the longest that a bill may take to settle.
DAYS_BACK: Final = 50
USUAL_DAYS: Final = 7  # of which the median is the usual day: weekends differ


def describe_all(services: Services) -> dict[str, FleetDay]:
    """Return the last complete day of each currency, how many there are, and the usual amount of a day."""
    feeds = progress.read(services.store)
    return {
        group.currency: _describe(services, group.currency, whole, feeds)
        for whole, group in census.list_groups(services.store, ALL).items()
    }


def _describe(services: Services, currency: str, whole: str, feeds: Mapping[str, Feed]) -> FleetDay:
    running = _find_first_running_day(services, currency, feeds)
    totals = _read_days(services, whole, 0, day_of(services.clock()) + 1)
    days = [day for day in totals if day < running]
    if not days:
        return FleetDay()
    newest = things.read_periods(services.store, [whole], days[-1] - DAYS_BACK, running)[whole].values()
    usual = [period.usual for period in newest if period.usual is not None] or [totals[day] for day in days]
    return FleetDay(day=days[-1], complete_days=len(days), usual_day=median_low(usual[-USUAL_DAYS:]))


def _find_first_running_day(services: Services, currency: str, feeds: Mapping[str, Feed]) -> int:
    """Return the first day of a currency that is not over: its providers may be days apart."""
    known = []
    for name, feed in feeds.items():
        of_currency, _, provider = name.partition(" ")
        if of_currency == currency:
            group = Group(PROVIDER, (provider,), currency).id
            days = _read_days(services, group, feed.newest - DAYS_BACK, feed.newest)
            known.append(GroupFeed(feed, days))
    settings = services.settings
    return first_running_day_of_group(known, day_of(services.clock()), settings.settle_days)


def _read_days(services: Services, group: str, first: int, last: int) -> dict[int, int]:
    """Return what a group cost on each day with costs, in micros, in order."""
    [found] = groups.read_totals(services.store, [group], first, last).values()
    return {day: total.judged.micros for day, total in sorted(found.items()) if total.judged.exists}
