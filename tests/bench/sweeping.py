"""Line 11: the time that the sweep takes every five seconds, with few and with very many series."""

import time

from kumo.engine.sweep import sweep
from kumo.services import Services
from kumo.store import keys
from tests.bench import filling, processes
from tests.bench.filling import Plan
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most

FEW = 10


def measure(size: Size) -> list[Row]:
    """Measure the sweep with a retention, where nothing is too old: the one look of a day, and all others."""
    many = f"{size.series:,} series"
    look = Row(f"the day's first sweep, {many}", "ms", f"{FEW} series")
    others = Row(f"any other sweep, {many}", "ms", f"{FEW} series", at_most(1.5))
    with processes.server() as url:
        stores = [_fill(f"{url}?db={number}", count) for number, count in enumerate((size.series, FEW), start=1)]
        for number in range(-1, size.rounds):
            found = [_times(store, size.repeats) for store in stores]
            if number >= 0:
                for row, ours, theirs in zip((look, others), *found, strict=True):
                    row.add(ours, theirs)
    return [look, others]


def _fill(url: str, count: int) -> Services:
    built = filling.alone(url, retention_days=10_000)
    filling.fill(built, Plan(filling.series(count), count))
    return built


def _times(built: Services, repeats: int) -> tuple[float, float]:
    """Return the milliseconds of the first sweep of a day, and of one of the others."""
    built.store.client.delete(keys.SWEPT)
    first = _timed(built, 1)
    _timed(built, 1)
    return first, _timed(built, max(1, repeats // 10))


def _timed(built: Services, times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        sweep(built)
    return (time.perf_counter() - begun) * 1000 / times
