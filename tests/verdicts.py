"""Verdicts on totals, and combined totals of groups, written as a judge commits them."""

from typing import Any

from kumo.domain.totals.amounts import PeriodTotal
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.store.client import Store
from kumo.store.period_codec import pack_period
from kumo.store.series import DAYS
from kumo.store.total_codec import write_total


def make_period(day: int, micros: int, status: TotalStatus = TotalStatus.NORMAL, **changes: Any) -> JudgedPeriod:  # noqa: ANN401 - of any type
    """Return the verdict on a day's total, with a limit of twice the usual amount."""
    usual = {"usual": 50_000_000, "limit": 100_000_000, "score": 0.5, "threshold": 3.0, "detector": "adaptive"}
    return JudgedPeriod(number=day, micros=micros, status=status, **(usual | changes))


def store_period(store: Store, thing: str, period: JudgedPeriod) -> None:
    """Store the verdict on a total of a series or group."""
    key = f"{store.partition(thing).periods}{thing}:{period.number // DAYS}"
    store.client.hset(key, str(period.number % DAYS), pack_period(period))


def combine(store: Store, group: str, day: int, units: int, *, excluded: bool = False) -> None:
    """Store the combined total of a group on a day, or the part of it that is no usage."""
    key = f"{store.partition(group).daily}{group}:{day // DAYS}"
    total = PeriodTotal(micros=units * 10**6, entries=1)
    store.client.hset(key, f"{'x' if excluded else ''}{day % DAYS}", write_total(total))
