"""What arrives in parts is told of the same series and days as what arrives once."""

import random
from collections import Counter

import pytest

from kumo.settings import Settings
from tests.quality import series
from tests.quality.feeds import FEEDS, build_history, count_differences, pair, tell


@pytest.mark.parametrize("detector", ["adaptive", "zscore"])
def test_a_restated_feed_is_told_of_the_same_series_and_days(detector: str) -> None:
    suite = [one for one in series.load("build_1") if one.granularity == "daily"][7:15]
    chosen = Settings(detector=detector, min_impact=0.0, min_share=0.0, false_alerts=0.0)
    once, *others = (tell(suite, feed, chosen) for feed in FEEDS)
    for other in others:
        assert count_differences(other.alone, once.alone) == 0
        assert count_differences(other.named, once.named) == 0
    assert len(pair(once.alone)) > 10


@pytest.mark.parametrize("feed", FEEDS)
def test_each_feed_ends_with_the_amounts_of_the_series(feed: str) -> None:
    suite = [one for one in series.load("build_1") if one.granularity == "daily"][:2]
    history, places = build_history(suite, feed)
    newest = dict(zip(zip(history.numbers, places, strict=True), history.amounts, strict=True))
    assert newest == {
        (number, place): micros for number, one in enumerate(suite) for place, (_, micros) in enumerate(one.rows)
    }
    assert max(Counter(zip(history.numbers, places, strict=True)).values()) == {"once": 1}.get(
        feed, len(list(FEEDS[feed](suite[0], random.Random(1)))) // len(suite[0].rows)
    )


def test_days_are_the_same_within_one() -> None:
    assert count_differences([[3, 9], []], [[4, 9], []]) == 0
    assert count_differences([[3], [5]], [[3], [7]]) == 2
