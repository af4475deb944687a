"""The made-up company is believable, and each thing that happens to it is found, whatever day it is."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from kumo.sample import days
from tests.sample.replay import Sample

NOW = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)
# Days of all kinds: of the week, at the beginning of a month and after it, at the end of a year.
DATES = [NOW + timedelta(days=back) for back in (0, 4, 5, 6, 7, 8, 35)]
LATEST = 3  # days back that may still raise an alert


def amount(cost: days.Cost) -> float:
    return float(str(cost["amount"]))


def spend_by_day(now: datetime) -> Counter[str]:
    spend: Counter[str] = Counter()
    for cost in days.list_history(now):
        spend[str(cost["timestamp"])[:10]] += amount(cost)  # type: ignore[assignment]
    return spend


def test_it_has_sixty_days_of_about_a_thousand_dollars() -> None:
    spend = spend_by_day(NOW)
    assert len(spend) == 60
    assert max(spend) == "2026-11-26"
    assert all(750 < dollars < 1_250 for dollars in spend.values())
    assert 900 < sum(spend.values()) / 60 < 1_050


def test_weekends_are_cheaper_and_it_grows() -> None:
    spend = spend_by_day(NOW)
    workdays = [dollars for day, dollars in sorted(spend.items()) if datetime.fromisoformat(day).weekday() < 5]
    weekends = [dollars for day, dollars in spend.items() if datetime.fromisoformat(day).weekday() >= 5]
    assert max(weekends) < min(workdays)
    assert sum(workdays[-10:]) > 1.03 * sum(workdays[:10])


def test_a_month_begins_with_fees() -> None:
    fees = [cost for cost in days.list_history(NOW) if cost["service"] == "AWS Support"]
    assert [cost["timestamp"] for cost in fees] == ["2026-10-01T12:00:00.000Z", "2026-11-01T12:00:00.000Z"]


def test_it_is_the_same_each_time() -> None:
    assert list(days.list_history(NOW)) == list(days.list_history(NOW))
    assert days.list_leak(NOW) == days.list_leak(NOW)


@pytest.mark.parametrize("now", [NOW, NOW.replace(hour=0, minute=0, second=2)])
def test_nothing_lies_in_the_future_or_before_today(now: datetime) -> None:
    today = [*days.list_today(now), days.make_spike(now), *days.list_leak(now), *days.list_new_region(now)]
    times = {datetime.fromisoformat(str(cost["timestamp"])) for cost in today}
    assert min(times) >= now.replace(hour=0, minute=0, second=0)
    assert max(times) <= now


def test_each_leaked_call_is_as_small_as_any_other() -> None:
    usual = [cost for cost in days.list_history(NOW) if cost["service"] == "Amazon Bedrock"]
    leak = days.list_leak(NOW)
    assert max(map(amount, leak)) <= max(map(amount, usual)) < 0.04
    assert len(leak) > 15 * len(usual) / 60


@pytest.mark.parametrize("now", DATES, ids=lambda now: f"{now:%a %d %b}")
def test_each_thing_that_happens_is_found_and_nothing_else(now: datetime) -> None:
    replay = Sample()
    past = replay.add(days.list_history(now))
    today = max(past) + 1
    shifted = "production Amazon CloudWatch us-east-1"
    assert shifted in past[today - days.SHIFT_DAYS]
    assert not any(told for day, told in past.items() if day >= today - LATEST)
    assert replay.add(days.list_today(now))[today] == set()
    assert "data-platform BigQuery us" in replay.add([days.make_spike(now)])[today]
    assert "assistant Amazon Bedrock us-east-1" in replay.add(days.list_leak(now))[today]
    assert "region ap-southeast-3" in replay.add(days.list_new_region(now))[today]
