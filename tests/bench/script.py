"""Line 3: the cost of the recording script for an entry, by the number of entries in a call.

A server that is idle between two calls has cold caches. So single calls are also sent back to back, as on
a busy server.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from kumo.services import Services
from kumo.store import entries as store_entries
from tests.bench import bare, filling, processes, servertime
from tests.bench.filling import Plan
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most

# The cost of an entry in a first prototype, without duplicates, roll-ups or feed; the upper end of the measurements.
PROTOTYPE = {1: 37.0, 100: 18.0, 200: 18.0, 1_000: 18.0}
SERIES = 100
WARM = 20


def measure(size: Size) -> list[Row]:
    """Measure calls of each size beside calls that add, set twice and feed, and nothing else."""
    rows: list[Row] = []
    with processes.server() as url:
        built = filling.alone(url)
        plan = Plan(filling.series(SERIES), SERIES * 110)
        filling.fill(built, plan)
        begin = plan.end_ms
        rows += _back_to_back(built, url, plan, size)
        begin += 2 * plan.count * plan.step_ms
        for entries, usual in PROTOTYPE.items():
            name = f"script, {entries:,} a call"
            first = Row(name, "µs/entry", f"prototype's {usual:g} µs", at_most(1.3))
            least = Row(name, "µs/entry", "a script of four calls an entry")
            count = max(2, size.repeats // max(1, entries // 20))
            _record(built, _calls(built, Plan(plan.series, WARM * SERIES, begin), entries, WARM))
            bare.least_calls(built.store.client, WARM, entries, 1)
            for _ in range(size.rounds):
                coming = Plan(plan.series, SERIES * entries * (count + 2), begin)
                ours = _own_time(built, _calls(built, coming, entries, count), entries)
                theirs = _least_time(built, count, entries)
                first.add(ours, usual)
                least.add(ours, theirs)
                begin = coming.end_ms
            rows += [first, least]
    return rows


def _back_to_back(built: Services, url: str, plan: Plan, size: Size) -> list[Row]:
    row = Row("script, 1 a call, back to back", "µs/entry", f"prototype's {PROTOTYPE[1]:g} µs", at_most(1.3))
    for number in range(size.rounds):
        begin = plan.end_ms + number * size.repeats * plan.step_ms
        calls = _calls(built, Plan(plan.series, SERIES * size.repeats, begin), 1, size.repeats)
        commands = bare.encoded(bare.recording_call(built, *call) for call in calls)
        spent = servertime.of_scripts(built.store.client, lambda commands=commands: bare.pipelined(url, commands))
        filling.judge_all(built)
        row.add(spent / len(calls), PROTOTYPE[1])
    return [row]


def _calls(built: Services, plan: Plan, entries: int, count: int) -> list[tuple[int, list[Any]]]:
    return list(islice(filling.calls(plan.entries(), len(built.store.partitions), entries), count))


def _record(built: Services, calls: Sequence[tuple[int, list[Any]]]) -> None:
    for partition, batch in calls:
        store_entries.record(built.store, built.store.partitions[partition], batch)


def _own_time(built: Services, calls: Sequence[tuple[int, list[Any]]], entries: int) -> float:
    spent = servertime.of_scripts(built.store.client, lambda: _record(built, calls))
    filling.judge_all(built)
    return spent / (len(calls) * entries)


def _least_time(built: Services, count: int, entries: int) -> float:
    client = built.store.client
    return servertime.of_scripts(client, lambda: bare.least_calls(client, count, entries, 1)) / (count * entries)
