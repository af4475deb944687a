"""Entries to measure with, and the fast way into a store: its own record() and judge_slice(), without HTTP."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from kumo import services
from kumo.api.schemas.fields import rfc3339
from kumo.domain.entries import Entry, Series, partition_of
from kumo.engine.detection import judge
from kumo.services import Services
from kumo.settings import Settings
from kumo.store import entries as store_entries
from kumo.store import feed

CALL: Final = 200
BASE_MS: Final = 1_700_000_000_000
MICROS: Final = 1_000_000
JUDGE_AFTER: Final = 20_000


class NoJobs:
    """Queues that accept every job and do nothing: the code that fills a store judges it itself, or not at all."""

    def __init__(self, broker: Any) -> None:  # noqa: ANN401 - a client
        self.broker = broker

    def judge(self, partition: int) -> None:
        """Do nothing."""

    def notify(self) -> None:
        """Do nothing."""


def alone(url: str, **settings: Any) -> Services:  # noqa: ANN401 - of any type
    """Return services that enqueue nothing."""
    built = services.build(Settings(redis_url=url, alert_max_age=0, **settings))
    return replace(built, jobs=NoJobs(built.jobs.broker))  # type: ignore[arg-type]  # it plays Jobs


def series(count: int, name: str = "service") -> list[Series]:
    """Return so many series: a tenth as many services as series, over ten accounts."""
    return [
        Series(f"{name} {number // 10}", "USD", "AWS", f"account {number % 10}", "eu-west-1") for number in range(count)
    ]


@dataclass(frozen=True, slots=True)
class Plan:
    """Entries of some series in turn, one each `step_ms`, around 100 units.

    `external`: each has its own id. `steady`: none is an anomaly; otherwise a few in a thousand are.
    """

    series: list[Series]
    count: int
    begin_ms: int = BASE_MS
    step_ms: int = 1000
    external: bool = False
    steady: bool = False

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield (series id, entry)."""
        chance = random.Random(self.count)
        known = [(series.id, series) for series in self.series]
        for number in range(self.count):
            series_id, one = known[number % len(known)]
            timestamp = self.begin_ms + number // len(known) * self.step_ms
            external = f"bill-2026-01/{number:08d}" if self.external else ""
            micros = (99 + number // len(known) % 3) * MICROS if self.steady else amount(chance)
            yield series_id, Entry(one, micros, timestamp, external_id=external)

    def following(self, count: int) -> "Plan":
        """Plan so many entries of the same series after these."""
        return replace(self, count=count, begin_ms=self.end_ms)

    @property
    def end_ms(self) -> int:
        """When the entry after the last one is due."""
        return self.begin_ms + (self.count // len(self.series) + 1) * self.step_ms


def amount(chance: random.Random) -> int:
    """Return an amount in micros, of two decimals as bills have them."""
    return round(chance.gauss(100, 8) * 100) * (MICROS // 100)


def up_to_now(chosen: list[Series], count: int, step_ms: int, **options: Any) -> Plan:  # noqa: ANN401 - those of Plan
    """Plan an entry each step of time for each series, up to the one before the base."""
    steps = count // len(chosen) + 1
    return Plan(chosen, count, BASE_MS - steps * step_ms, step_ms, **options)


def calls(entries: Iterable[tuple[str, Entry]], partitions: int, size: int = CALL) -> Iterator[tuple[int, list[Any]]]:
    """Yield (partition, run of entries) as the engine would make recording calls of them."""
    waiting: dict[int, list[tuple[str, Entry]]] = {}
    places: dict[str, int] = {}
    for row in entries:
        partition = places.get(row[0])
        if partition is None:
            partition = places[row[0]] = partition_of(row[0], partitions)
        batch = waiting.setdefault(partition, [])
        batch.append(row)
        if len(batch) == size:
            yield partition, batch
            del waiting[partition]
    yield from waiting.items()


def fill(built: Services, plan: Plan, *, judged: bool = True) -> None:
    """Record the planned entries, and judge them."""
    unjudged = 0
    for partition, batch in calls(plan.entries(), len(built.store.partitions)):
        store_entries.record(built.store, built.store.partitions[partition], batch)
        unjudged += len(batch)
        if judged and unjudged >= JUDGE_AFTER:
            judge_all(built)
            unjudged = 0
    if judged:
        judge_all(built)


def judge_all(built: Services) -> int:
    """Judge whatever waits; returns how many entries that were."""
    total = 0
    for partition, waiting in zip(built.store.partitions, feed.backlog(built.store), strict=True):
        feed.clear_wake(built.store, partition)
        judged = 0
        while judged < waiting and (found := judge.judge_slice(built, partition)):
            judged += found
        total += judged
    return total


def bodies(chosen: list[Series], count: int) -> list[dict[str, object]]:
    """Return entries as a client writes them that sends each as it comes."""
    return [_body(entry) for _, entry in Plan(chosen, count).entries()]


def batches(plan: Plan, size: int) -> list[list[dict[str, object]]]:
    """Return the planned entries in batches of this size, as a client writes them."""
    rows = [_body(entry) | {"timestamp": rfc3339(entry.timestamp)} for _, entry in plan.entries()]
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _body(entry: Entry) -> dict[str, object]:
    one = entry.series
    return {
        "service": one.service,
        "amount": entry.amount / MICROS,
        "currency": one.currency,
        "provider": one.provider,
        "account": one.account,
        "region": one.region,
    }
