"""Clients that send entries under Idempotency-Keys, and send again until they have an answer; and a judge."""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis

from kumo import outages
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import groups_of_series
from kumo.domain.totals.amounts import PeriodTotal
from kumo.engine import ingest
from kumo.engine.detection import judge
from kumo.engine.ingest import Request
from kumo.engine.ops import verification
from kumo.engine.queries import lookup
from kumo.errors import ConflictError
from kumo.services import Services
from kumo.store import groups, things
from tests.engine.detection.arrivals import START, everything
from tests.engine.totals.rest import bring_to_rest
from tests.stack import PATIENCE, eventually

SENDERS = 4


def passes(error: redis.RedisError) -> None:
    """Raise a failure again unless it ends by itself, which a client sees as 503."""
    if outages.unavailable(error) is None:
        raise error


@dataclass
class Load:
    """The sent and acknowledged entries, and the number of repeats."""

    series: list[Series]
    sent: Counter[tuple[Series, int]] = field(default_factory=Counter)
    again: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def send(self, services: Services, sender: int) -> None:
        """Send until told to stop; any failure that does not end by itself stops it."""
        chance = random.Random(sender)
        number = 0
        while not self.stop.is_set():
            number += 1
            one = [self._entry(chance, number) for _ in range(chance.choice([1, 1, 5]))]
            deadline = time.monotonic() + PATIENCE
            while not self._sent(services, one, Request(f"{sender}-{number}", "body")):
                assert time.monotonic() < deadline, "it is refused for good"
                self.again += 1
                time.sleep(0.02)
            self.sent.update((entry.series, entry.amount) for entry in one)

    def _entry(self, chance: random.Random, number: int) -> Entry:
        return Entry(chance.choice(self.series), chance.randrange(10**6, 10**8), START + number)

    def _sent(self, services: Services, entries: list[Entry], request: Request) -> bool:
        try:
            ingest.ingest(services, entries, request)
        except ConflictError:  # the request before holds the key for a while if its end could not be recorded
            return False
        except redis.RedisError as error:
            passes(error)
            return False
        return True

    def judge(self, services: Services) -> None:
        while not self.stop.is_set():
            for partition in services.store.partitions:
                try:
                    judge.judge_partition(services, partition.number)
                except redis.RedisError as error:
                    passes(error)
            time.sleep(0.01)

    def check(self, services: Services) -> None:
        """Every acknowledged entry is there, once, and judged; every sum is right to the last digit."""
        bring_to_rest(services)
        assert Counter(dict(stored(services))) == self.sent
        assert list(verification.differences(services)) == []
        self._check_totals(services)

    def _check_totals(self, services: Services) -> None:
        """Each group has the sum of its series in its home, and each series the verdict on its own."""
        expected: dict[str, PeriodTotal] = defaultdict(PeriodTotal)
        for (series, amount), number in self.sent.items():
            for thing in (series.id, *(group.id for group in groups_of_series(series))):
                expected[thing] = expected[thing].combine(PeriodTotal(number * amount, number))
        day, things_ = START // DAY_MS, sorted(expected)
        found = groups.read_totals(services.store, things_, day, day)
        assert {thing: days[day].judged for thing, days in found.items()} == expected
        judged = things.read_periods(services.store, [series.id for series in self.series], day, day)
        assert all(days[day].micros == expected[thing].micros for thing, days in judged.items() if thing in expected)


def stored(services: Services) -> Counter[tuple[Series, int]]:
    """Return every entry that a walk over all pages shows."""
    found: Counter[tuple[Series, int]] = Counter()
    wanted = everything()
    while True:
        page = lookup.list_costs(services, wanted)
        assert all(cost.verdict is not None for cost in page.rows)
        found.update((cost.entry.series, cost.entry.amount) for cost in page.rows)
        if page.next is None:
            return found
        wanted = type(wanted)(limit=wanted.limit, after=page.next)


@contextmanager
def under_load(services: Services, series: list[Series]) -> Iterator[Load]:
    """Send and judge while the block runs, from its first entry on; raises what went wrong in a thread."""
    load = Load(series)
    with ThreadPoolExecutor(SENDERS + 1) as pool:
        work: list[Future[None]] = [pool.submit(load.send, services, number) for number in range(SENDERS)]
        work.append(pool.submit(load.judge, services))
        try:
            eventually(lambda: sum(load.sent.values()) > 50 or any(future.done() for future in work))
            yield load
        finally:
            load.stop.set()
    for future in work:
        future.result()
