"""New names: which are news, how much of them, and under which name they are reported."""

import pytest

from kumo.domain.first_spend import (
    AUTO,
    SERIES,
    Newcomer,
    as_first_spend,
    compute_limit,
    find_first_spends,
    is_broader,
    is_new,
    measure_news,
)
from kumo.domain.judging import Cause
from kumo.domain.money import SCALE
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus

DAILY = list(range(100, 130))


@pytest.mark.parametrize(
    ("earlier", "day", "new"),
    [
        ([], 100, True),
        (DAILY, 130, False),
        (DAILY, 129 + 36, False),  # 35 days of silence
        (DAILY, 129 + 37, True),
        ([0, 31], 61, False),  # a monthly fee
        ([0], 91, True),  # the first return of a quarterly one,
        ([0, 91], 182, False),  # which is known then
        ([0, 91], 400, True),
        ([0, 40, 130], 400, False),  # a third return
        ([0, 20, 21], 21 + 38, False),  # 37 days are less than twice 19
        ([0, 20, 21], 21 + 40, True),
    ],
)
def test_something_is_new_again_after_a_long_silence(earlier: list[int], day: int, *, new: bool) -> None:
    assert is_new(earlier, day) is new


@pytest.mark.parametrize(
    ("setting", "usual", "days", "currency", "limit"),
    [
        (AUTO, 1000, 10, "USD", 20),
        (AUTO, 100, 10, "USD", 10),
        (AUTO, 100, 10, "JPY", 1000),
        (AUTO, None, 10, "USD", 10),
        (AUTO, 1000, 9, "USD", None),
        (50.0, 1000, 10, "USD", 50),
        (50.0, 1000, 10, "KRW", 50_000),
        (0.0, 1000, 10, "USD", None),
    ],
)
def test_the_limit_of_a_first_day(
    setting: float | None, usual: int | None, days: int, currency: str, limit: int | None
) -> None:
    found = compute_limit(setting, usual and usual * SCALE, days, currency)
    assert found == (None if limit is None else limit * SCALE)


def names(newcomers: list[Newcomer], limit: int = 10) -> list[tuple[str, int]]:
    return [
        ("+".join(each.id for each in spend.newcomers), spend.micros) for spend in find_first_spends(newcomers, limit)
    ]


def newcomer(name: str, dimension: str, **spend: int) -> Newcomer:
    return Newcomer(name, dimension, spend)


def test_a_new_account_is_one_report_and_not_one_for_each_service() -> None:
    new = [
        newcomer("s1", "series", s1=40),
        newcomer("s2", "series", s2=30),
        newcomer("ec2", "service", s1=40),
        newcomer("eu", "region", s1=40, s2=30),
        newcomer("ml", "tag:team", s1=20, s2=30),
        newcomer("prod/ec2", "account,service", s1=40),
        newcomer("prod", "account", s1=40, s2=30),
    ]
    assert names(new) == [("prod", 70)]


def test_what_is_new_outside_of_the_broadest_one_is_reported_too() -> None:
    new = [
        newcomer("prod", "account", s1=40),
        newcomer("ec2", "service", s1=40, s2=11),
        newcomer("s2", "series", s2=11),
    ]
    assert names(new) == [("prod", 40), ("ec2", 11)]
    new = [newcomer("prod", "account", s1=40), newcomer("ec2", "service", s1=40, s2=10)]
    assert names(new) == [("prod", 40)]


def test_the_broadest_counts_from_the_limit_on() -> None:
    assert names([newcomer("s1", "series", s1=10), newcomer("prod", "account", s1=10, s2=1)]) == [("prod", 11)]
    assert names([newcomer("prod", "account", s1=10)]) == []
    assert names([newcomer("s1", "series", s1=11)]) == [("s1", 11)]


def test_new_values_of_a_tag_are_one_report_for_each_key() -> None:
    new = [
        newcomer("ml", "tag:team", s1=20, s2=30),
        newcomer("search", "tag:team", s3=40),
        newcomer("tiny", "tag:team", s5=5),
        newcomer("blue", "tag:env", s4=25),
        newcomer("s3", "series", s3=40),
    ]
    assert names(new) == [("ml+search", 90), ("blue", 25)]


def test_the_same_spend_under_two_tag_keys_is_one_report() -> None:
    assert names([newcomer("ml", "tag:team", s1=20), newcomer("blue", "tag:env", s1=20)]) == [("blue", 20)]


def test_what_is_outside_of_broader_news_counts_and_what_came_back_does_not() -> None:
    assert measure_news({"a": 50, "b": 30, "c": -20}, {"a": 50, "b": 10}) == 20


def test_tags_stand_between_the_groups_and_the_series() -> None:
    ordered = ["provider", "account", "service", "region", "account,service", "tag:team", SERIES]
    assert sorted(ordered, key=lambda each: sum(is_broader(other, each) for other in ordered)) == ordered
    assert not is_broader("tag:team", "tag:env")


def test_the_verdict_on_a_first_spend_has_the_limit_and_nothing_that_was_usual() -> None:
    learning = JudgedPeriod(
        number=1,
        micros=50,
        status=TotalStatus.LEARNING,
        usual=None,
        limit=None,
        score=None,
        threshold=3.0,
        detector="adaptive",
    )
    found = as_first_spend(learning, 20)
    assert (found.status, found.cause, found.usual, found.limit) == (TotalStatus.ANOMALY, Cause.FIRST_SPEND, 0, 20)
    assert (found.number, found.micros, found.score, found.chance) == (1, 50, None, None)
