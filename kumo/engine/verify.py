"""Recomputing every sum from the entries themselves."""

from collections.abc import Iterator

from kumo.domain import moments
from kumo.services import Services
from kumo.store import retention
from kumo.store import series as store_series


def differences(services: Services) -> Iterator[str]:
    """Yield a sentence for every stored figure that differs from its recomputation; nothing where all sums are equal.

    Checked are the window's moments of each series, and its daily totals since the last entry that was removed by age.
    Meant for a store at rest: what is recorded meanwhile may be seen half way.
    """
    first_day = store_series.day_of(retention.forgotten_before(services.store)) + 1
    for series_id in store_series.matching(services.store, {}):
        entries = store_series.amounts(services.store, series_id)
        window = store_series.windows(services.store, [series_id])[0]
        expected = moments.of(amount for _, amount in entries[: window.size])
        if window.moments != expected:
            yield f"series {series_id}: the window holds {window.moments}, its entries give {expected}"
        yield from _daily(services, series_id, entries, first_day)


def _daily(services: Services, series_id: str, entries: list[tuple[int, int]], first_day: int) -> Iterator[str]:
    expected: dict[int, tuple[int, int]] = {}
    for timestamp, amount in entries:
        day = store_series.day_of(timestamp)
        count, total = expected.get(day, (0, 0))
        expected[day] = (count + 1, total + amount)
    days = sorted(expected) or [0]
    found = {
        day: (count, total)
        for _, day, count, total in store_series.daily(services.store, [series_id], days[0], days[-1])
    }
    for day in sorted(day for day in expected.keys() | found.keys() if first_day <= day or first_day == 1):
        if expected.get(day) != found.get(day):
            date = store_series.date_of(day)
            yield f"series {series_id}: {date} holds {found.get(day)}, its entries give {expected.get(day)}"


def size(services: Services) -> str:
    """Say how much there is to verify."""
    ids = store_series.matching(services.store, {})
    entries = sum(len(store_series.amounts(services.store, series_id)) for series_id in ids)
    return f"{entries} entries in {len(ids)} series"
