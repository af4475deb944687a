"""Which day is the first one that is not over."""

import pytest

from kumo.domain.totals.completeness import (
    Feed,
    GroupFeed,
    first_running_day,
    first_running_day_of_group,
    first_running_hour,
)

TODAY = 20_000


@pytest.mark.parametrize(
    ("feed", "settle_days", "first"),
    [
        (Feed(TODAY), 1, TODAY),  # yesterday is over at midnight,
        (Feed(TODAY - 30), 1, TODAY),  # whether or not anything came since
        (Feed(TODAY + 1), 1, TODAY),  # and a clock that is ahead ends no day
        (Feed(TODAY - 1, imported=True), 1, TODAY - 2),
        (Feed(TODAY - 1, imported=True), 0, TODAY - 1),
        (Feed(TODAY - 40, imported=True), 2, TODAY - 42),  # a bill that is late
        (Feed(TODAY + 1, imported=True), 0, TODAY),
    ],
)
def test_a_day_of_a_provider_is_over(feed: Feed, settle_days: int, first: int) -> None:
    assert first_running_day(feed, TODAY, settle_days) == first


def group_feed(newest: int, micros: int = 1000, days: int = 30) -> GroupFeed:
    return GroupFeed(Feed(newest, imported=True), {newest - back: micros for back in range(days)})


@pytest.mark.parametrize(
    ("feeds", "first"),
    [
        ([], TODAY),
        ([group_feed(TODAY - 1), group_feed(TODAY - 4)], TODAY - 5),  # the slowest,
        ([group_feed(TODAY - 1, 1000), group_feed(TODAY - 4, 9)], TODAY - 2),  # unless it hardly costs anything
        ([group_feed(TODAY - 1, 1000), group_feed(TODAY - 4, 11)], TODAY - 5),
        ([group_feed(TODAY - 1), group_feed(TODAY - 7)], TODAY - 8),
        ([group_feed(TODAY - 1), group_feed(TODAY - 8)], TODAY - 2),  # or has stopped
        ([group_feed(TODAY - 1, -1000), group_feed(TODAY - 4, 1000)], TODAY - 5),  # credits are a size too
        ([GroupFeed(Feed(TODAY), {}), group_feed(TODAY - 1)], TODAY - 2),
    ],
)
def test_a_day_of_a_group_is_over_once_it_is_for_those_who_matter(feeds: list[GroupFeed], first: int) -> None:
    assert first_running_day_of_group(feeds, TODAY, 1) == first


@pytest.mark.parametrize(
    ("feed", "first"),
    [
        (Feed(TODAY), 24 * TODAY + 9),
        (Feed(TODAY - 9), 24 * TODAY + 9),
        (Feed(TODAY - 1, imported=True), 24 * (TODAY - 2)),
    ],
)
def test_an_hour_is_over_once_the_next_has_begun_and_an_imported_one_with_its_day(feed: Feed, first: int) -> None:
    now = (24 * TODAY + 9) * 3_600_000 + 59 * 60_000
    assert first_running_hour(feed, now, 1) == first
