"""Line 6: the cost of one more entry with few and with very many existing ones.

The short series and small stores are created again in each round, so that measuring does not make them grow.
"""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from kumo.domain.entries import Entry
from kumo.engine import ingest
from kumo.engine.detection import judge
from kumo.engine.detection.judge import SLICE_ARRIVALS
from kumo.services import Services
from kumo.store import feed
from tests.bench import filling, processes, servertime
from tests.bench.filling import Plan
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most

FEW = 10
FULL = 11  # entries that a series has at least, with a window of ten
SMALL_WINDOW = 10


def measure(size: Size) -> list[Row]:
    """Measure recording and judging by the length of a series, then by the number of series."""
    return [*_by_history(size), *_by_series(size)]


def _rows(name: str, against: str) -> tuple[Row, ...]:
    note = "the server's time and that of the process that asks, an entry a call"
    return (
        Row(f"recording one entry, {name}", "µs", against, at_most(1.1), note),
        Row(f"recording one entry, {name}, the script alone", "µs", against),
        Row(f"judging one entry, {name}", "µs", against, at_most(1.1), note),
        Row(f"judging one entry, {name}, in a backlog", "µs", against, at_most(1.1)),
    )


def _by_history(size: Size) -> list[Row]:
    rows = _rows(f"{size.history:,} in its series", f"{size.short:,} in its series")
    with processes.server() as url:
        built = filling.alone(url)
        plan = Plan(filling.series(1, "long"), size.history, steady=True)
        filling.fill(built, plan)
        for number in range(-1, size.rounds):
            small = Plan(filling.series(1, f"short {number}"), size.short, steady=True)
            filling.fill(built, small)
            _add(rows, number, _costs(built, _more(plan, size.repeats)), _costs(built, _more(small, size.repeats)))
            plan = replace(plan, count=plan.count + size.repeats)
    return list(rows)


def _by_series(size: Size) -> list[Row]:
    """Have few series in one database and many in another; in one partition, so that slices are of one size."""
    rows = _rows(f"{size.series:,} series", f"{FEW} series")
    rows[-1].note = f"a slice of {SLICE_ARRIVALS} reads and packs a state for each of its series: {FEW}, or as many"
    with processes.server() as url:
        window = {"window": SMALL_WINDOW, "min_history": SMALL_WINDOW, "partitions": 1}
        many, few = filling.alone(f"{url}?db=1", **window), filling.alone(f"{url}?db=2", **window)
        chosen = filling.series(size.series)
        filling.fill(many, Plan(chosen, size.series * FULL, steady=True))
        for number in range(-1, size.rounds):
            few.store.client.flushdb()
            small = Plan(chosen[:FEW], FEW * FULL, steady=True)
            filling.fill(few, small)
            some = random.Random(number).sample(chosen, size.repeats)
            large = Plan(some, size.repeats * FULL, steady=True)
            _add(rows, number, _costs(many, _more(large, size.repeats)), _costs(few, _more(small, size.repeats)))
    return list(rows)


def _more(plan: Plan, count: int) -> Plan:
    """Return the plan that continues after another one."""
    return replace(plan, count=count, begin_ms=plan.end_ms)


def _add(rows: tuple[Row, ...], number: int, ours: Iterable[float], theirs: Iterable[float]) -> None:
    """Keep a round's costs; the first one only warms up."""
    if number < 0:
        return
    for row, measured, yardstick in zip(rows, ours, theirs, strict=True):
        row.add(measured, yardstick)


def _costs(built: Services, plan: Plan) -> tuple[float, ...]:
    """Return the microseconds for an entry: recording in all, the script alone, judging alone, judging in a backlog.

    The first half is judged one by one, the other in slices.
    """
    entries = [entry for _, entry in islice(plan.entries(), plan.count)]
    script, whole = _timed(built, lambda: _record(built, entries))
    half = len(entries) // 2
    _, alone = _timed(built, lambda: _judge(built, half))
    _, sliced = _timed(built, lambda: filling.judge_all(built))
    return whole / len(entries), script / len(entries), alone / half, sliced / (len(entries) - half)


def _judge(built: Services, count: int) -> None:
    """Judge this number of entries of the only partition with entries, each in its own slice."""
    waiting = feed.backlog(built.store)
    partition = built.store.partitions[waiting.index(max(waiting))]
    for _ in range(count):
        judge.judge_slice(built, partition, limit=1)


def _record(built: Services, entries: list[Entry]) -> None:
    for entry in entries:
        ingest.ingest(built, [entry])


def _timed(built: Services, act: Callable[[], object]) -> tuple[float, float]:
    """Return the microseconds of the server for an action, and those of server and this process together."""
    begun = time.process_time()
    server = servertime.least_of_all(built.store.client, act)
    return server, server + (time.process_time() - begun) * 1e6
