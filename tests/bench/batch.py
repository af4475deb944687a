"""Line 2: recording in batches, beside the same script calls from a client that does nothing else."""

from tests.bench import bare, filling, load, processes
from tests.bench.filling import Plan
from tests.bench.sizes import Size
from tests.bench.table import Row, at_least

SERIES = 100
BATCHES = (1_000, 10_000)
CONNECTIONS = 4
GOAL = 20_000


def measure(size: Size) -> list[Row]:
    """Measure entries a second over HTTP, and of the bare calls, each size of batch in turn."""
    rows: list[Row] = []
    with (
        processes.server() as url,
        processes.client_process() as client,
        processes.web(url) as port,
    ):
        built = filling.alone(url)
        plan = Plan(filling.series(SERIES), SERIES * 110)
        filling.fill(built, plan)
        for entries in (min(batch, size.batch) for batch in BATCHES):
            against = Row(f"batch of {entries:,}", "entries/s", "bare pipelined calls", at_least(0.6))
            alone = Row(f"batch of {entries:,}, by itself", "entries/s", "20,000 a second", at_least(1))
            for _ in range(size.rounds):
                # Each covers a later span of time: late entries cost more.
                plan = plan.following(size.batch)
                requests = [load.post("/ingest/batch", batch) for batch in filling.batches(plan, entries)]
                found = client.submit(load.closed, port, requests, CONNECTIONS, 0, len(requests)).result()
                filling.judge_all(built)
                plan = plan.following(size.batch)
                calls = filling.calls(plan.entries(), len(built.store.partitions))
                commands = bare.encoded(bare.recording_call(built, *call) for call in calls)
                seconds = client.submit(bare.pipelined, url, commands).result()
                filling.judge_all(built)
                against.add(found.rate * entries, size.batch / seconds)
                alone.add(found.rate * entries, GOAL)
            rows += [against, alone]
    return rows
