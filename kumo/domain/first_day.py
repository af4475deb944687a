"""New series that cost much on their first day: without a history, a fixed amount decides."""

from dataclasses import dataclass, replace

from kumo.domain import money
from kumo.domain.entries import DAY_MS
from kumo.domain.judging import Arrival, Cause, Mark, Status, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDay:
    """A series on its first day, counted from 1970-01-01: its cost so far in micros, and if that is over the limit."""

    day: int
    spent: int = 0
    over: bool = False


def first_day(arrival: Arrival, before: FirstDay | None, limit: int, earlier: Verdict | None = None) -> FirstDay | None:
    """Return the first day of a series after an arrival; None once it is over. The limit is in micros.

    `earlier` is the earlier verdict of a restated or removed entry, which has its earlier cost.
    """
    if arrival.mark is Mark.REMOVED and not arrival.baseline.n:
        return None
    day = arrival.timestamp // DAY_MS
    if before is None:
        before = FirstDay(day=day) if arrival.baseline.n == 0 and not arrival.restates else None
    if before is None or day != before.day:
        return None
    if not arrival.restates:
        spent = before.spent + arrival.amount
        return FirstDay(day=day, spent=spent, over=before.over or spent > limit)
    # A restatement below the limit resets that, so a later excess is news again.
    amount = 0 if arrival.mark is Mark.REMOVED else arrival.amount
    spent = before.spent + (amount - earlier.amount if earlier else 0)
    return FirstDay(day=day, spent=spent, over=spent > limit)


def as_new(verdict: Verdict, before: FirstDay | None, after: FirstDay | None, limit: int) -> Verdict:
    """Return the verdict on an entry that takes its series past the limit on its first day; else its own verdict."""
    crossed = after is not None and after.over and not (before and before.over)
    if not crossed or verdict.status is not Status.LEARNING:
        return verdict
    return new(verdict, limit)


def still_new(verdict: Verdict, earlier: Verdict, after: FirstDay | None, limit: int) -> Verdict:
    """Return the verdict on a restated entry that was found new: it stays so while its first day is past the limit.

    After that day its cost is no longer known. Then an entry is new if it exceeds the limit by itself, or costs no
    less than when it was found new.
    """
    past = after.over if after else verdict.amount > limit or verdict.amount >= earlier.amount
    return new(verdict, limit) if past and verdict.status is not Status.ANOMALY else verdict


def is_new(verdict: Verdict | None) -> bool:
    """Return whether a fixed amount decided, and no detector."""
    return verdict is not None and verdict.cause is Cause.NEW_SERIES


def new(verdict: Verdict, limit: int) -> Verdict:
    """Return the verdict on an entry whose series has cost more than the limit on its first day."""
    threshold = money.units(limit)
    return replace(
        verdict,
        status=Status.ANOMALY,
        mean=0.0,
        stddev=None,
        z=None,
        score=None,
        threshold=threshold,
        cause=Cause.NEW_SERIES,
    )
