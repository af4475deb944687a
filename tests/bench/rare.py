"""Line 12: the time for a page of a rare status among very many series, compared with the newest hundred costs."""

import time

from kumo.domain.entries import Entry, Series
from kumo.domain.judging import Status
from kumo.engine import ingest
from kumo.engine.queries import lookup
from kumo.engine.queries.views import Query
from kumo.services import Services
from tests.bench import filling, processes
from tests.bench.filling import BASE_MS, MICROS, Plan
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most

RARE = (Status.ANOMALY, Status.NORMAL, Status.PENDING, Status.EXCLUDED)
BUSY = 1_000


def measure(size: Size) -> list[Row]:
    """Measure the first page of each rare status; each of many series has one cost, and one has a thousand."""
    against = "the newest 100 costs"
    rows = {
        status: Row(f"costs that are {status}, {size.series:,} series", "ms", against, at_most(2)) for status in RARE
    }
    with processes.server() as url:
        built = filling.alone(url)
        _fill(built, size)
        for number in range(-1, size.rounds):
            newest = _timed(built, Query(), size.repeats)
            for status, row in rows.items():
                taken = _timed(built, Query(status=status), size.repeats)
                if number >= 0:
                    row.add(taken, newest)
    return list(rows.values())


def _fill(built: Services, size: Size) -> None:
    step = 60_000
    filling.fill(built, Plan(filling.series(size.series), size.series))
    [busy] = filling.series(1, "busy")
    begin = BASE_MS - (BUSY + 10) * step
    filling.fill(built, Plan([busy], BUSY, begin, step, steady=True))
    ingest.ingest(built, [Entry(busy, 10_000 * MICROS, begin + BUSY * step)])
    ingest.ingest(built, [Entry(Series("busy", "USD", charge_category="tax"), MICROS, begin)])
    filling.judge_all(built)
    ingest.ingest(built, [Entry(busy, MICROS, begin + (BUSY + 1) * step)])


def _timed(built: Services, wanted: Query, repeats: int) -> float:
    """Return the milliseconds that a page takes."""
    times = max(1, repeats // 20)
    begun = time.perf_counter()
    for _ in range(times):
        lookup.list_costs(built, wanted)
    return (time.perf_counter() - begun) * 1000 / times
