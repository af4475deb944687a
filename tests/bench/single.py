"""Line 1: recording one entry a request, beside an application that does nothing with it."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from kumo.engine.ops import access
from kumo.services import Services
from kumo.store import feed
from tests.bench import filling, load, processes
from tests.bench.sizes import Size
from tests.bench.table import Row, at_least
from tests.stack import eventually

CONNECTIONS = 32
SERIES = 100
HISTORY = 110


def measure(size: Size) -> list[Row]:
    """Measure the request path alone, with judge and notifier beside it, with a key, and without syncing each write."""
    rates = Row("single", "req/s", "no-op app", at_least(0.85), "web alone, shipped gunicorn settings, 32 connections")
    tails = Row("single, p99", "ms", "no-op app")
    keyed = Row("single, with an API key", "req/s", "no-op app", note="one more lookup, and the key's rate is counted")
    whole = Row("single, judged meanwhile", "req/s", "no-op app", note="judge and notifier share the cores")
    risky = Row("single, with an API key, synced once a second", "req/s", "no-op app")
    risky.note = "appendfsync everysec, which does not ship: a kill may take acknowledged costs with it"
    with processes.server() as url, processes.client_process() as client:
        built = filling.alone(url)
        filling.fill(built, filling.Plan(filling.series(SERIES), SERIES * HISTORY))
        with processes.web(url, processes.YARDSTICK) as yardstick:
            turns = Turns(size, built, client, yardstick)
            with processes.web(url) as port:
                turns.take(port, rates, tails)
            if not size.every_setting:
                return [rates, tails]
            with processes.web(url) as port, processes.workers(url, ["worker", "judge"], ["worker", "notify"]):
                turns.take(port, whole)
            token = access.issue(built, "bench", ["ingest"])
            with processes.web(url, KUMO_RATE_LIMIT="10000000") as port:
                turns.take(port, keyed, Authorization=f"Bearer {token}")
                built.store.client.config_set("appendfsync", "everysec")
                turns.take(port, risky, Authorization=f"Bearer {token}")
    return [rates, tails, keyed, whole, risky]


@dataclass(frozen=True, slots=True)
class Turns:
    """Kumo and the yardstick, loaded in turn by one client."""

    size: Size
    built: Services
    client: ProcessPoolExecutor
    yardstick: int

    def take(self, port: int, rates: Row, tails: Row | None = None, **headers: str) -> None:
        """Take turns between Kumo at this port and the yardstick."""
        requests = [load.post("/ingest/", body, **headers) for body in filling.bodies(filling.series(SERIES), 1000)]
        for number in range(-1, self.size.rounds):
            ours = self._load(port, requests)
            filling.judge_all(self.built)
            eventually(lambda: not sum(feed.backlog(self.built.store)))
            theirs = self._load(self.yardstick, requests)
            if number < 0:  # which only warmed up
                continue
            rates.add(ours.rate, theirs.rate)
            if tails:
                tails.add(ours.p99, theirs.p99)

    def _load(self, port: int, requests: list[bytes]) -> load.Load:
        return self.client.submit(load.closed, port, requests, CONNECTIONS, self.size.seconds).result()
