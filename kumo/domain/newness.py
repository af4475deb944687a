"""New series that cost much on their first day: there is no past to judge them by, so an amount decides."""

from dataclasses import dataclass, replace

from kumo.domain import money
from kumo.domain.entries import DAY_MS
from kumo.domain.judging import Record, Status, Verdict


@dataclass(frozen=True, slots=True)
class FirstDay:
    """A series on its first day, counted from 1970-01-01: what it has cost so far, in micros, and if that was told."""

    day: int
    spent: int = 0
    told: bool = False


def first_day(record: Record, before: FirstDay | None, limit: int) -> FirstDay | None:
    """Return what is known of a series' first day after a record; None once it is over. The limit is in micros."""
    day = record.timestamp // DAY_MS
    if before is None:
        before = FirstDay(day) if record.baseline.n == 0 and not record.restates else None
    if before is None or day != before.day:
        return None
    known = before if record.restates else replace(before, spent=before.spent + record.amount)
    return replace(known, told=before.told or known.spent > limit)


def as_new(verdict: Verdict, before: FirstDay | None, after: FirstDay | None, limit: int) -> Verdict:
    """Return the verdict on an entry that takes its series past the limit on its first day; else the one it has."""
    crossed = after is not None and after.told and not (before and before.told)
    if not crossed or verdict.status is not Status.LEARNING:
        return verdict
    return new(verdict, limit)


def new(verdict: Verdict, limit: int) -> Verdict:
    """Return the verdict on an entry whose series has cost more than a limit on its first day."""
    threshold = money.units(limit)
    return replace(verdict, status=Status.ANOMALY, mean=0.0, stddev=None, z=None, score=None, threshold=threshold)
