"""What a person expects of a day, from the entries to what is told: the sums that no entry shows."""

import random

import pytest

from kumo.domain.detectors import build
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.findings import DayReview, Finding
from kumo.domain.groups import Group
from kumo.domain.ledger import Ledger
from kumo.domain.worth import NotSent

UNIT = 10**6
FIRST = 20_000
DAYS = 60
TODAY = FIRST + DAYS
KEYS = ("team",)


def entry(series: Series, day: int, units: float, **kept: object) -> Entry:
    return Entry(series, round(units * UNIT), day * DAY_MS, **kept)


def series_of(number: int) -> Series:
    return Series(
        f"service {number % 8}",
        "USD",
        provider="AWS",
        account=f"account {number % 5}",
        region=f"region {number % 3}",
    )


def fill(
    count: int, *, amount: float = 20.0, today: dict[int, float] | None = None, more: tuple[Entry, ...] = ()
) -> Ledger:
    """Return a ledger of so many series with sixty even days, and of today by what each costs times its usual."""
    rng = random.Random(1)
    ledger = Ledger(build("adaptive", 3.0, 10), 100, KEYS)
    for day in range(FIRST, TODAY):
        for number in range(count):
            ledger.add(entry(series_of(number), day, amount * rng.lognormvariate(0, 0.05), tags={"team": "ml"}))
    for number, factor in (today or {}).items():
        ledger.add(entry(series_of(number), TODAY, amount * factor, tags={"team": "ml"}))
    for each in more:
        ledger.add(each)
    ledger.judge(TODAY)
    return ledger


def review(ledger: Ledger) -> list[Finding]:
    return DayReview(ledger, "USD", TODAY).find()


def told(ledger: Ledger) -> set[str]:
    return {describe(ledger, name) for finding in review(ledger) if finding.reason is None for name in finding.names}


def describe(ledger: Ledger, name: str) -> str:
    subject = ledger.things[name].subject
    return f"{subject.dimension} {'/'.join(subject.value)}".strip() if isinstance(subject, Group) else subject.service


def test_a_leak_of_many_small_calls_is_told_while_it_goes_on() -> None:
    key = Series("api", "USD", account="account 0")
    ledger = fill(40)
    for day in range(FIRST, TODAY):
        ledger.add(entry(key, day, 4.0))  # 200 calls of 0.02
    ledger.judge(TODAY)
    seen = []
    for calls in range(100, 20_001, 100):
        ledger.add(entry(key, TODAY, 2.0))  # a hundred calls at a time
        ledger.judge(TODAY)
        if "api" in told(ledger):
            seen.append(calls)
            break
    assert seen[0] < 1000


def test_something_unknown_is_told_on_its_first_day_under_its_broadest_name() -> None:
    region = (entry(Series("service 1", "USD", "AWS", "account 1", "mars"), TODAY, 3000.0),)
    assert "region mars" in told(fill(50, more=region))
    account = tuple(entry(Series(f"service {n}", "USD", "AWS", "rogue", "region 1"), TODAY, 300.0) for n in range(8))
    ledger = fill(50, more=account)
    first = [finding for finding in review(ledger) if finding.is_first_spend]
    assert [describe(ledger, name) for finding in first for name in finding.names] == ["account rogue"]
    assert first[0].impact == 2400 * UNIT


def test_a_small_rise_of_everything_is_told_of_all_costs() -> None:
    calm = fill(100, today=dict.fromkeys(range(100), 1.1))
    assert told(calm) == set()
    ledger = fill(100, today=dict.fromkeys(range(100), 1.25))
    assert {"all", "provider AWS", "tag:team ml"} <= told(ledger)


def test_an_ordinary_day_brings_nothing_to_tell() -> None:
    rng = random.Random(2)
    assert told(fill(60, today={number: rng.lognormvariate(0, 0.05) for number in range(60)})) == set()


def test_a_day_that_has_only_begun_brings_nothing() -> None:
    assert review(fill(30, today=dict.fromkeys(range(3), 1.0))) == []


def move(*, gone: bool) -> Ledger:
    """Return a ledger in which a service moves to another region, where it has been small."""
    old, new = Series("db", "USD", "AWS", "account 0", "old"), Series("db", "USD", "AWS", "account 0", "new")
    ledger = fill(40)
    for day in range(FIRST, TODAY):
        ledger.add(entry(new, day, 20.0 + day % 3))
        ledger.add(entry(old, day, 10.0 if gone and day == TODAY - 1 else 100.0 + day % 4))
    ledger.add(entry(new, TODAY, 110.0))
    ledger.judge(TODAY)
    return ledger


@pytest.mark.parametrize(("gone", "reason"), [(True, NotSent.OFFSET), (False, None)])
def test_a_migration_is_listed_and_not_told(*, gone: bool, reason: NotSent | None) -> None:
    ledger = move(gone=gone)
    rise = next(f for f in review(ledger) if describe(ledger, f.names[0]) == "db" and not f.is_first_spend)
    assert rise.reason is reason
    assert (rise.offset is not None) is gone


def test_restating_a_day_below_its_limit_takes_the_finding_back() -> None:
    ledger = fill(30, today={3: 6.0})
    assert "service 3" in told(ledger)
    ledger.add(entry(series_of(3), TODAY, 120.0, tags={"team": "ml"}), -1)
    ledger.add(entry(series_of(3), TODAY, 20.0, tags={"team": "ml"}))
    ledger.judge(TODAY)
    assert review(ledger) == []


def test_a_day_that_is_over_is_judged_again_when_it_changes() -> None:
    ledger = fill(30, today={0: 1.0})
    series = series_of(3)
    before = ledger.things[series.id].judged[TODAY - 1]
    ledger.add(entry(series, TODAY - 1, 100.0))
    ledger.judge(TODAY)
    after = ledger.things[series.id].judged[TODAY - 1]
    assert (before.status.value, after.status.value) == ("normal", "anomaly")
    assert after.micros == before.micros + 100 * UNIT


def test_what_came_in_any_order_is_found_alike() -> None:
    rng, ledgers = random.Random(3), []
    entries = [
        entry(series_of(number), day, 20.0 * rng.lognormvariate(0, 0.1), tags={"team": "ml" if number % 2 else "web"})
        for day in range(FIRST, TODAY + 1)
        for number in range(10)
    ] + [entry(series_of(4), TODAY, 90.0)]
    for turn in range(3):
        ledger = Ledger(build("adaptive", 3.0, 10), 100, KEYS)
        order = rng.sample(entries, len(entries)) if turn else entries
        for count, each in enumerate(order):
            ledger.add(each)
            if turn == 1 and count % 150 == 0:
                ledger.judge(TODAY - 20)
        ledger.judge(TODAY)
        ledgers.append(ledger)
    first, *others = ledgers
    for other in others:
        assert {name: thing.judged for name, thing in other.things.items()} == {
            name: thing.judged for name, thing in first.things.items()
        }
        assert sorted(review(other), key=str) == sorted(review(first), key=str)
    assert review(first)
