"""Which days of groups are over: a day runs as long as that of any provider that matters to the group."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from kumo.domain.groups import PROVIDER, Group
from kumo.domain.totals.completeness import GroupFeed, first_running_day_of_group
from kumo.engine.totals.calendar import Calendar
from kumo.services import Services
from kumo.store import groups

# How far back a provider's totals tell whether it matters: two weeks, and the longest that a bill may take to settle.
DAYS_BACK: Final = 50


@dataclass(frozen=True, slots=True)
class GroupCalendar:
    """The progress of providers and what they cost lately, by the ids of the groups of providers."""

    calendar: Calendar
    feeds: Mapping[str, GroupFeed]

    def find_first_running_day(self, providers: Collection[str]) -> int:
        """Return the first day that is not over, of a group with costs of some providers.

        How much a provider matters is taken from all its costs in the currency, not from those in the group.
        """
        known = [self.feeds[provider] for provider in sorted(providers) if provider in self.feeds]
        return first_running_day_of_group(known, self.calendar.today, self.calendar.settle_days)


def read(services: Services, calendar: Calendar, currencies: Collection[str]) -> GroupCalendar:
    """Return the calendar of the groups of some currencies."""
    feeds = {}
    for name, feed in calendar.feeds.items():
        currency, _, provider = name.partition(" ")
        if currency in currencies:
            feeds[Group(PROVIDER, (provider,), currency).id] = feed
    if not feeds:
        return GroupCalendar(calendar, {})
    first = min(feed.newest for feed in feeds.values()) - DAYS_BACK
    totals = groups.read_totals(services.store, list(feeds), first, max(feed.newest for feed in feeds.values()))
    days = {
        provider: {day: total.judged.micros for day, total in found.items() if total.judged.exists}
        for provider, found in totals.items()
    }
    return GroupCalendar(calendar, {provider: GroupFeed(feed, days[provider]) for provider, feed in feeds.items()})
