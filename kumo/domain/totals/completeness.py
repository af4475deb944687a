"""When a day is over: nothing is learned from a day of which more costs are expected."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from kumo.domain.entries import DAY_MS
from kumo.domain.totals.periods import HOUR_MS

SILENT_DAYS: Final = 7  # days without entries after which a provider is no longer awaited
NOTABLE_DIVISOR: Final = 100  # a provider that made less than 1 % of the last seven days holds no group back
WEEK: Final = 7
HOURS: Final = 24  # of a day


class Feed(NamedTuple):
    """The progress of the costs of one provider and currency.

    `newest` is the newest day with entries, counted from 1970. `imported` says whether they come from bills.
    """

    newest: int
    imported: bool = False


def first_running_day(feed: Feed, today: int, settle_days: int) -> int:
    """Return the first running day of a provider; every earlier day is complete.

    Ingested costs of a day are complete once the next day has begun. A bill has a day only after it, so
    an imported day is complete once there are costs of a later day, and of `settle_days` more. `today` is by the clock.
    """
    if not feed.imported:
        return today
    return min(today, feed.newest - settle_days)


def first_running_hour(feed: Feed, now: int, settle_days: int) -> int:
    """Return the number of the first running hour of a provider; `now` is by the clock, in ms.

    An ingested hour is complete once the next one has begun, an imported one with its day.
    """
    if not feed.imported:
        return now // HOUR_MS
    return HOURS * first_running_day(feed, now // DAY_MS, settle_days)


class GroupFeed(NamedTuple):
    """One provider in a group: the progress of its costs, and its total of each day in micros, by day."""

    feed: Feed
    days: Mapping[int, int]


def first_running_day_of_group(feeds: Iterable[GroupFeed], today: int, settle_days: int) -> int:
    """Return the first day of a group that is not over: the first one of any provider that matters to it.

    A provider that had no entries for seven days, seen from the newest of all, is left out. So is one that made less
    than 1 % of the last seven days that are over for all the others. `days` must reach back that far.
    """
    known = list(feeds)
    newest = max((each.feed.newest for each in known), default=today)
    heard = [each for each in known if each.feed.newest > newest - SILENT_DAYS]
    running = [first_running_day(each.feed, today, settle_days) for each in heard]
    if not running:
        return today
    week = range(min(running) - WEEK, min(running))
    sizes = [sum(abs(each.days.get(day, 0)) for day in week) for each in heard]
    whole = sum(sizes)
    notable = [start for start, size in zip(running, sizes, strict=True) if NOTABLE_DIVISOR * size >= whole]
    return min(notable, default=min(running))
