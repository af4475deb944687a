"""Line 4: how fast a backlog is judged, beside how fast one web process records, and beside a job for each entry."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kumo.engine.sweep import LEASE_MS
from kumo.services import Services
from kumo.store import feed, keys
from kumo.store.protocol import Client
from tests.bench import filling, load, noop, processes
from tests.bench.filling import Plan
from tests.bench.sizes import Size
from tests.bench.table import Row, at_least

SERIES = 100
BATCH = 1_000
CONNECTIONS = 4
LONGEST_SECONDS = 300


def measure(size: Size) -> list[Row]:
    """Measure one judge, two judges, either detector, one web process and a job for each entry, in turn."""
    one = Row("judging, one judge", "entries/s", "one web process, in batches", at_least(1))
    two = Row("judging, two judges", "entries/s", "one judge", at_least(1.7))
    jobs = Row("judging, one judge", "entries/s", "an RQ job for each entry", note="such a job does nothing here")
    adaptive = Row("judging by adaptive, one judge", "entries/s", "by zscore, one judge", at_least(0.5))
    two.note = "server, judges and the clock share the cores: with two cores, two judges cannot be twice as fast"
    with processes.server() as url:
        built = filling.alone(url)
        for _ in range(size.rounds):
            single = _drained(built, url, size.backlog, judges=1)
            double = _drained(built, url, size.backlog, judges=2)
            one.add(single, _recorded(built, url, size.batch))
            two.add(double, single)
            by_window = _drained(built, url, size.backlog, judges=1, KUMO_DETECTOR="zscore")
            adaptive.add(_drained(built, url, size.backlog, judges=1, KUMO_DETECTOR="adaptive"), by_window)
            jobs.add(single, _jobs(built.store.client, url, size.jobs))
    return [one, two, adaptive, jobs]


def _drained(built: Services, url: str, backlog: int, judges: int, **given: str) -> float:
    """Fill an empty store, have so many judges empty it again; returns entries a second."""
    store = built.store
    store.client.flushall()
    filling.fill(built, Plan(filling.series(SERIES), backlog), judged=False)
    with _no_sweep(store.client), processes.workers(url, *[["worker", "judge"]] * judges, **given):
        jobs = processes.jobs(url)
        begun = time.perf_counter()
        for partition in store.partitions:
            jobs.judge(partition.number)
        _wait(lambda: sum(feed.backlog(store)))
        return backlog / (time.perf_counter() - begun)


@contextmanager
def _no_sweep(client: Client) -> Iterator[None]:
    """Keep the sweep from working: it would find the backlog before the clock runs."""
    over = threading.Event()

    def hold() -> None:
        while True:
            client.set(keys.SWEEP, "bench", px=LEASE_MS)
            if over.wait(1):
                return

    holding = threading.Thread(target=hold)
    holding.start()
    yield
    over.set()
    holding.join()


def _wait(left: Callable[[], int]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while left():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.01)


def _recorded(built: Services, url: str, entries: int) -> float:
    """Return the entries a second that one web process records in batches."""
    built.store.client.flushall()
    size = min(BATCH, entries)
    batches = filling.batches(Plan(filling.series(SERIES), entries), size)
    requests = [load.post("/ingest/batch", batch) for batch in batches]
    with processes.web(url, WEB_CONCURRENCY="1") as port, processes.client_process() as client:
        found = client.submit(load.closed, port, requests, CONNECTIONS, 0, len(requests)).result()
        return found.rate * size


def _jobs(client: Client, url: str, count: int) -> float:
    """Return the jobs a second that a worker runs which do nothing."""
    noop.enqueue(client, count)
    name = noop.queue(client).key
    with processes.workers(url, ["tests.bench.noop"]):
        begun, before = time.perf_counter(), client.llen(name)
        _wait(lambda: client.llen(name))
        return before / (time.perf_counter() - begun)
