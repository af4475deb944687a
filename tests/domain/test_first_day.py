"""A series that costs much on its first day has no past to be judged by: an amount decides, once."""

from dataclasses import replace

from kumo.domain import moments
from kumo.domain.detectors.zscore import ZScore
from kumo.domain.entries import DAY_MS
from kumo.domain.first_day import FirstDay, as_new, first_day
from kumo.domain.judging import Arrival, Cause, Mark, Status

LIMIT = 100
DAY = 20_000


def arrival(amount: int, n: int, day: int = DAY, *, restates: bool = False) -> Arrival:
    return Arrival(
        seq=n + 2,
        series_id="s",
        entry_seq=1 if restates else n + 2,
        timestamp=day * DAY_MS + n,
        amount=amount,
        baseline=moments.of([1] * n),
    )


def over(*amounts: int) -> list[bool]:
    """Whether each of some entries of the first day is over of."""
    known, found = None, []
    for n, amount in enumerate(amounts):
        after = first_day(arrival(amount, n), known, LIMIT)
        verdict = as_new(ZScore(3.0, 10).judge(arrival(amount, n))[0], known, after, LIMIT)
        assert (verdict.cause is Cause.NEW_SERIES) == (verdict.status is Status.ANOMALY)
        found.append(verdict.status is Status.ANOMALY)
        known = after
    return found


def test_the_entry_that_takes_the_day_past_the_limit_is_told_of_once() -> None:
    assert over(101) == [True]
    assert over(100) == [False]
    assert over(60, 40, 1, 500) == [False, False, True, False]


def test_a_series_with_a_past_is_not_new() -> None:
    assert first_day(arrival(500, 3), None, LIMIT) is None


def test_the_next_day_and_late_entries_are_not_the_first_day() -> None:
    known = FirstDay(day=DAY, spent=90)
    assert first_day(arrival(500, 1, DAY + 1), known, LIMIT) is None
    assert first_day(arrival(500, 1, DAY - 1), known, LIMIT) is None


def test_a_restated_entry_counts_once() -> None:
    earlier, _ = ZScore(3.0, 10).judge(arrival(30, 1))
    known = FirstDay(day=DAY, spent=90)
    assert first_day(arrival(35, 1, restates=True), known, LIMIT, earlier) == FirstDay(day=DAY, spent=95)
    assert first_day(arrival(41, 1, restates=True), known, LIMIT, earlier) == FirstDay(day=DAY, spent=101, over=True)
    assert first_day(
        arrival(20, 1, restates=True), FirstDay(day=DAY, spent=101, over=True), LIMIT, earlier
    ) == FirstDay(day=DAY, spent=91)


def test_a_removed_entry_counts_no_longer() -> None:
    earlier, _ = ZScore(3.0, 10).judge(arrival(30, 1))
    removed = replace(arrival(30, 1, restates=True), mark=Mark.REMOVED)
    assert first_day(removed, FirstDay(day=DAY, spent=120, over=True), LIMIT, earlier) == FirstDay(day=DAY, spent=90)
    assert first_day(replace(removed, baseline=moments.EMPTY), FirstDay(day=DAY, spent=30), LIMIT, earlier) is None


def test_the_verdict_says_why() -> None:
    verdict, _ = ZScore(3.0, 10).judge(arrival(200_000_000, 0))
    new = as_new(verdict, None, FirstDay(day=DAY, spent=200_000_000, over=True), 100_000_000)
    assert new.reason("USD") == "New: the first day of this series has cost more than 100.00 USD already."
    assert (new.impact, new.anomaly) == (200_000_000, None)
