"""Line 7: how much room an entry takes in Redis, with everything that is kept for it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from kumo.domain.entries import DAY_MS
from kumo.store.protocol import Client
from tests.bench import filling, processes
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most

WITHOUT, WITH = 150, 230
FEW = 100
HOUR_MS = DAY_MS // 24
STEP = 1000
FAMILY = re.compile(rb"kumo:\{\d+\}:(\w+)")


def measure(size: Size) -> list[Row]:
    """Measure few hourly series and many daily ones, each with and without external ids; sizes do not vary by round."""
    rows = []
    for spacing, step, count in (
        ("hourly", HOUR_MS, FEW),
        ("daily", DAY_MS, min(10_000, max(1, size.history // 100))),
    ):
        for external in (False, True):
            bound = WITH if external else WITHOUT
            name = f"memory, {count:,} {spacing} series, {'with' if external else 'without'} external ids"
            row = Row(name, "bytes/entry", f"{bound} bytes", at_most(1))
            used, row.note = _used(filling.up_to_now(filling.series(count), size.history, step, external=external))
            row.add(used, bound)
            rows.append(row)
    return rows


def _used(plan: filling.Plan) -> tuple[float, str]:
    """Return the bytes an entry takes once all are judged, and what each family of keys takes of them."""
    with processes.server() as url:
        built = filling.alone(url)
        client = built.store.client
        before = _memory(client)
        filling.fill(built, plan)
        client.config_set("appendonly", "no")  # its buffers are not the entries'
        used = (_memory(client) - before) / plan.count
        families = _families(client)
    parts = ", ".join(
        f"{name} {size / plan.count:.1f}" for name, size in families.most_common() if size / plan.count > 0.05
    )
    return used, parts


def _memory(client: Client) -> int:
    info = client.info("memory")
    return int(info["used_memory"]) - int(info["used_memory_scripts"]) - int(info["mem_clients_normal"])


def _families(client: Client) -> Counter[str]:
    """Return the bytes of the keys of each family, as the server estimates them."""
    sizes: Counter[str] = Counter()
    for names in _pieces(client.scan_iter(match="kumo:{*", count=STEP)):
        pipeline = client.pipeline(transaction=False)
        for name in names:
            pipeline.memory_usage(name)
        for name, used in zip(names, pipeline.execute(), strict=True):
            found = FAMILY.match(name)
            sizes[found[1].decode() if found else "other"] += used or 0
    return sizes


def _pieces(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    coming = iter(names)
    while piece := list(islice(coming, STEP)):
        yield piece
