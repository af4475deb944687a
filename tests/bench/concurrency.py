"""Line 9: whether the gunicorn settings that ship are the best of those one would try."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from kumo.settings import Settings
from tests.bench import filling, load, processes
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most

SERIES = 100
THREADS = (1, 4, 8, 16)
PROCESSES = (1, 2, 4)
CONNECTIONS = 32
NOISE = 1.05


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to run gunicorn."""

    kind: str
    threads: int
    processes: int

    def __str__(self) -> str:
        threads = f" × {self.threads} threads" if self.kind == "gthread" else ""
        return f"{self.kind}, {self.processes} processes{threads}"


def shipped() -> Setting:
    """Return the setting of kumo.serving."""
    from kumo import serving

    return Setting(serving.worker_class, serving.threads, Settings().web_concurrency)


def settings(size: Size) -> list[Setting]:
    """Return the settings to compare with the shipped one."""
    ways = [Setting("gthread", threads, count) for count in PROCESSES for threads in THREADS]
    ways += [Setting("sync", 1, count) for count in PROCESSES]
    others = [way for way in ways if way != shipped()]
    return others if size.every_setting else others[:1]


def measure(size: Size) -> list[Row]:
    """Measure the shipped setting and all others in rounds, alternately backwards: the first one is slower."""
    others = settings(size)
    rows = {way: Row(f"web: {way}", "req/s", "as shipped", at_most(NOISE)) for way in others}
    tails: dict[Setting, list[float]] = {way: [] for way in others}
    with processes.server() as url, processes.client_process() as client:
        built = filling.alone(url)
        filling.fill(built, filling.Plan(filling.series(SERIES), SERIES * 110))
        for number in range(size.rounds):
            order = [shipped(), *others][:: -1 if number % 2 else 1]
            found = {way: _load(url, client, way, size) for way in order}
            filling.judge_all(built)
            best = found[shipped()]
            for way in others:
                rows[way].add(found[way].rate, best.rate)
                tails[way].append(found[way].p99 / best.p99)
    for way, row in rows.items():
        row.note = f"p99 is {sorted(tails[way])[len(tails[way]) // 2]:.2f} times that of the shipped setting"
    return list(rows.values())


def _load(url: str, client: ProcessPoolExecutor, way: Setting, size: Size) -> load.Load:
    options = ("--worker-class", way.kind, "--threads", str(way.threads), "--workers", str(way.processes))
    requests = [load.post("/ingest/", body) for body in filling.bodies(filling.series(SERIES), 1000)]
    with processes.web(url, options=options) as port:
        client.submit(load.closed, port, requests, CONNECTIONS, size.seconds / 4).result()
        return client.submit(load.closed, port, requests, CONNECTIONS, size.seconds).result()
