"""Days that pass, and what the retention leaves in a store: helpers for its tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from kumo.domain.entries import DAY_MS
from kumo.engine.queries import daily_sums
from kumo.engine.sweep import GRACE_MS, sweep
from kumo.services import Services
from kumo.store import keys
from tests.engine.detection.arrivals import judge_all
from tests.engine.imports import bills

EPOCH = date(1970, 1, 1).toordinal()


def start_of(day: float) -> int:
    """Return when a day begins in ms, counted as in `tests.engine.imports.bills`."""
    return int((bills.FIRST - EPOCH + day) * DAY_MS)


def on(services: Services, day: float, kept: int) -> Services:
    """Return the services as they are on a day, a little after the hour of grace, with a retention of so many days."""
    now = start_of(day) + GRACE_MS + 1
    return replace(services, settings=replace(services.settings, retention_days=kept), clock=lambda: now)


def swept(services: Services) -> None:
    """Judge all, and sweep until nothing is left to go."""
    judge_all(services)
    services.store.client.delete(keys.SWEPT)  # a partition rests for a day, which may be over
    for _ in range(3):
        sweep(services)


def totals(services: Services) -> Mapping[tuple[str, str], int]:
    """Return what each day of each service comes to, by the daily totals, entries removed by age included."""
    rows = daily_sums.sum_days(services, "service", {}, date(2025, 1, 1), date(2026, 12, 31))
    return {(row.date.isoformat(), row.key or ""): row.amount for row in rows}
