"""Line 5: from the POST until Slack receives the message, compared with an RQ job that does nothing.

A destination gets at most one message a second. This pause is not Kumo's speed, so before each spike the time of the
next message is cleared. Each spike is in its own series: an open anomaly raises no second alert.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context

from kumo.domain.entries import Series
from kumo.services import Services
from kumo.store import keys
from tests.bench import filling, load, noop, processes
from tests.bench.filling import Plan
from tests.bench.load import Line, percentile
from tests.bench.sizes import Size
from tests.bench.table import Row, at_most
from tests.fakes.slack import FakeSlack
from tests.stack import eventually

RATES = (1, 200)
HISTORY = 12
JUMP = 100_000
BACKGROUND = 100


def measure(size: Size) -> list[Row]:
    """Measure spikes and idle jobs in turn, over a slow and a brisk stream of unremarkable entries."""
    rows: list[Row] = []
    with processes.server() as url, FakeSlack() as slack:
        built = filling.alone(url)
        spikes = iter(filling.series(size.rounds * size.samples * len(RATES) + len(RATES), "spike"))
        _learn(built, size)
        commands = (["worker", "judge"], ["worker", "notify"], ["tests.bench.noop"])
        with (
            processes.web(url, SLACK_WEBHOOK_URL=slack.url) as port,
            processes.workers(url, *commands, SLACK_WEBHOOK_URL=slack.url),
        ):
            for rate in RATES:
                with _background(port, rate):
                    line = Line(port)
                    _spike(built, slack, line, next(spikes))  # warms the way
                    rows += _rounds(built, slack, line, spikes, size, rate)
                    line.link.close()
    return rows


def _learn(built: Services, size: Size) -> None:
    chosen = filling.series(size.rounds * size.samples * len(RATES) + len(RATES), "spike")
    now = built.clock() - 3_600_000
    filling.fill(built, Plan(chosen, len(chosen) * HISTORY, now, steady=True))
    filling.fill(built, Plan(filling.series(BACKGROUND), BACKGROUND * HISTORY, now, steady=True))


@contextmanager
def _background(port: int, rate: float) -> Iterator[None]:
    """Send entries in the background that raise no alerts."""
    rows = filling.bodies(filling.series(BACKGROUND), BACKGROUND * 10)
    requests = [load.post("/ingest/", row | {"amount": 99 + number % 3}) for number, row in enumerate(rows)]
    sender = get_context("spawn").Process(target=load.paced, args=(port, requests, rate))
    sender.start()
    try:
        yield
    finally:
        alive = sender.is_alive()
        sender.terminate()
        sender.join(10)
    assert alive, "the background fell silent"


def _rounds(
    built: Services, slack: FakeSlack, line: Line, spikes: Iterator[Series], size: Size, rate: int
) -> list[Row]:
    name = f"latency at {rate} a second"
    middle = Row(f"{name}, p50", "ms", "a no-op RQ job's p50")
    tail = Row(f"{name}, p99", "ms", "a no-op RQ job's p99", at_most(3))
    waiting = noop.queue(built.store.client)
    for _ in range(size.rounds):
        ours, theirs = [], []
        for number in range(size.samples):
            ours.append(1000 * _spike(built, slack, line, next(spikes)))
            theirs.append(1000 * noop.ask(built.store.client, waiting, number))
            time.sleep(random.uniform(0, 0.02))  # so that nothing falls into step
        middle.add(percentile(ours, 0.5), percentile(theirs, 0.5))
        tail.add(percentile(ours, 0.99), percentile(theirs, 0.99))
    return [middle, tail]


def _spike(built: Services, slack: FakeSlack, line: Line, one: Series) -> float:
    """Send an entry that alarms; returns the seconds until Slack has the message."""
    destination = keys.destination(built.channels.default)
    client = built.store.client
    eventually(lambda: not client.hexists(destination, "token"))
    client.hset(destination, "ready_at", 0)
    [body] = filling.bodies([one], 1)
    before = len(slack.messages)
    begun = time.monotonic()
    line.ask(load.post("/ingest/", body | {"amount": JUMP}))
    return slack.wait_for(before + 1, 30)[before].at - begun
