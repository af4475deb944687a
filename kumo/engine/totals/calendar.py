"""Which days are over: by the clock, and by how far the costs of each provider have come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kumo.domain.entries import Series
from kumo.domain.judging import Arrival, Mark
from kumo.domain.totals.completeness import Feed, first_running_day, first_running_hour
from kumo.services import Services
from kumo.store import progress
from kumo.store.series import day_of


@dataclass(frozen=True, slots=True)
class Calendar:
    """Today, and the progress of each currency and provider (kumo.store.progress)."""

    feeds: Mapping[str, Feed]
    now: int
    settle_days: int

    @property
    def today(self) -> int:
        """The day since 1970; `now` is in ms."""
        return day_of(self.now)

    def find_first_running_day(self, provider: str) -> int:
        """Return the first day of a currency and provider that is not over."""
        feed = self.feeds.get(provider, Feed(newest=self.today))
        return first_running_day(feed, self.today, self.settle_days)

    def find_first_running_hour(self, provider: str) -> int:
        """Return the first hour of a currency and provider that is not over."""
        feed = self.feeds.get(provider, Feed(newest=self.today))
        return first_running_hour(feed, self.now, self.settle_days)


def read(services: Services, more: Mapping[str, Feed]) -> Calendar:
    """Return the calendar, with progress that is not stored yet."""
    feeds = progress.combine([progress.read(services.store), more])
    return Calendar(feeds, services.clock(), services.settings.settle_days)


def find_progress(arrivals: Iterable[Arrival], series: Mapping[str, Series]) -> dict[str, Feed]:
    """Return the newest day of each currency and provider in some arrivals."""
    return progress.combine(
        {progress.name_provider(series[arrival.series_id]): Feed(day_of(arrival.timestamp), arrival.imported)}
        for arrival in arrivals
        if arrival.mark in {Mark.NONE, Mark.QUIET} and arrival.series_id in series
    )
