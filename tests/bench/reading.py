"""Line 8: how long reading takes while very much is stored, beside a request that reads nothing."""

from datetime import timedelta
from urllib.parse import quote

from kumo.domain.entries import DAY_MS, Series
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
        rows = {name: Row(f"reading {name}, p99", "ms", "GET / p99", at_most(3)) for name in questions}
        with processes.web(url) as port:
            for number in range(-1, size.rounds):
                samples = size.samples if number >= 0 else 1
                root = client.submit(load.each, port, [load.get("/")] * (4 * samples)).result()
                for name, path in questions.items():
                    found = client.submit(load.each, port, [load.get(path)] * samples).result()
                    if number >= 0:
                        rows[name].add(found.p99, root.p99)
    return list(rows.values())


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
