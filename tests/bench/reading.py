"""Line 8: the time of reading from a very large store, compared with a request that reads nothing.

Each request is sent to a store that has not changed since the last one, and to one with a new entry
in between, where no cached answer helps.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import timedelta
from urllib.parse import quote

from kumo.domain.entries import DAY_MS, Series
from kumo.services import Services
from kumo.store.series import date_of, day_of
from tests.bench import filling, load, processes
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most

SERIES = 100
YEAR = timedelta(days=364)
MONTH = timedelta(days=30)


def measure(size: Size) -> list[Row]:
    """Measure each question and the root in turn, one request at a time, over a year of entries."""
    with processes.server() as url, processes.client_process() as client:
        built = filling.alone(url)
        chosen = filling.series(SERIES)
        step = max(1, 365 * DAY_MS * SERIES // size.history)
        filling.fill(built, filling.Plan(chosen, size.history, filling.BASE_MS - 365 * DAY_MS, step))
        questions = questions_about(chosen[0])
        rows = {
            (name, state): Row(f"reading {name}, {state}, p99", "ms", "GET / p99", at_most(3))
            for name in questions
            for state in ("nothing new", "after an arrival")
        }
        with processes.web(url) as port:
            for _ in range(size.rounds):
                often = 4 * size.samples
                root = client.submit(load.each, port, [load.get("/")] * often).result()
                for name, path in questions.items():
                    # The first one asks, the others ask again: one connection stays with one web process.
                    same = client.submit(load.each, port, [load.get(path)] * (often + 1)).result().latencies[1:]
                    rows[name, "nothing new"].add(load.percentile(same, 0.99) * 1000, root.p99)
                    fresh = list(_after_arrivals(built, client, port, path, size.samples))
                    rows[name, "after an arrival"].add(load.percentile(fresh, 0.99) * 1000, root.p99)
    return list(rows.values())


def _after_arrivals(built: Services, client: Executor, port: int, path: str, samples: int) -> Iterator[float]:
    """Yield the seconds of each answer, with an entry recorded before each request."""
    another = filling.series(1, "another")
    for number in range(samples):
        filling.fill(built, filling.Plan(another, 1, filling.BASE_MS + number), judged=False)
        yield from client.submit(load.each, port, [load.get(path)]).result().latencies


def questions_about(one: Series) -> dict[str, str]:
    last = date_of(day_of(filling.BASE_MS)) - timedelta(days=2)
    year = f"from={last - YEAR}&to={last}"
    place = "&".join(f"{name}={quote(str(getattr(one, name)))}" for name in ("service", "account", "provider"))
    return {
        "the newest 100 costs": "/costs/",
        "a month of one series": f"/costs/?{place}&from={last - MONTH}&to={last}&limit=1000",
        "a year's summary by service": f"/costs/summary?{year}",
        "a year's summary of all": f"/costs/summary?by=none&{year}",
    }
