"""Things that people pay for and expect to hear of, on the product: `python -m tests.quality.design`.

Each row records its history day by day as it would come, with everything judged after each day, and prints the alerts
that are raised on the days in question. Default settings; a clock that stands in the middle of each day.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from kumo import services as composition
from kumo import settings
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.subjects import describe_scope, read_scope
from kumo.engine import ingest, sweep
from kumo.engine.detection import judge
from kumo.engine.queries import daily_sums, lookup
from kumo.engine.queries.views import Query
from kumo.engine.totals import census
from kumo.notify import summaries
from kumo.services import Services
from kumo.store import changes, embedded, feed, series

UNIT: Final = 10**6
TODAY: Final = 30_000
HISTORY: Final = 40


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def fresh() -> Iterator[Services]:
    """Give services on an empty store."""
    with (
        tempfile.TemporaryDirectory(prefix="kumo-design-") as folder,
        embedded.serve(Path(folder)) as url,
    ):
        built = composition.build(settings.load({"REDIS_URL": url}))
        built.check_layout()
        yield built


def at(services: Services, day: int) -> Services:
    """Return the services in the middle of a day."""
    return replace(services, clock=lambda: day * DAY_MS + DAY_MS // 2)


def send(services: Services, entries: Iterable[Entry]) -> None:
    """Record entries, and judge all that follows."""
    rows = list(entries)
    for start in range(0, len(rows), 10_000):
        ingest.ingest(services, rows[start : start + 10_000])
    rest(services)


def rest(services: Services) -> None:
    """Judge until nothing is left to do."""
    while True:
        sweep.sweep(services)
        for partition in services.store.partitions:
            judge.judge_partition(services, partition.number)
        if census.is_due(services):
            census.take(services)
        elif not (
            sum(feed.backlog(services.store))
            or changes.find_partitions(services.store)
            or feed.find_unfolded(services.store)
        ):
            return


def alerts(services: Services) -> list[str]:
    """Return the alerts in words, oldest first."""
    rows = lookup.list_alerts(services, Query(limit=1000, newest_first=False)).rows
    return [summaries.summarize_sent([row], "Slack") for row in rows]


def cost(one: Series, day: int, units: float, at_ms: int = 0, name: str = "") -> Entry:
    return Entry(one, round(units * UNIT), day * DAY_MS + at_ms, external_id=name)


def fleet(rng: random.Random, count: int, size: float, account: str = "prod") -> Callable[[int], list[Entry]]:
    """Return the daily costs of some services of an account, with little noise."""
    known = [Series(f"service {number}", "USD", "aws", account, "eu-west-1") for number in range(count)]
    return lambda day: [cost(one, day, size * rng.uniform(0.97, 1.03)) for one in known]


def past(services: Services, usual: Callable[[int], list[Entry]]) -> None:
    """Let a history come day by day."""
    for day in range(TODAY - HISTORY, TODAY):
        send(at(services, day), usual(day))


def leaked_key(services: Services) -> None:
    """20,000 calls of 0.02 where 200 a day are usual."""
    rng = random.Random(1)
    usual, calls = fleet(rng, 20, 50), Series("API calls", "USD", "aws", "prod", "eu-west-1")

    def some(day: int, first: int, count: int) -> list[Entry]:
        return [cost(calls, day, 0.02, 1_000 * (first + number)) for number in range(count)]

    past(services, lambda day: usual(day) + some(day, 0, 200))
    now = at(services, TODAY)
    for batch in range(20):
        send(now, some(TODAY, batch * 1_000, 1_000))
        if alerts(now):
            say(f"  after {1_000 * (batch + 1):,} of 20,000 calls")
            return


def new_region(services: Services) -> None:
    """An unknown region at 3,000 a day, beside 1,000 a day."""
    usual = fleet(random.Random(2), 20, 50)
    past(services, usual)
    new = Series("service 1", "USD", "aws", "prod", "ap-southeast-1")
    send(at(services, TODAY), [*usual(TODAY), cost(new, TODAY, 3_000)])


def many_services(services: Services) -> None:
    """200 services +30 % each on one day."""
    usual = fleet(random.Random(3), 200, 5)
    past(services, usual)
    send(at(services, TODAY), [replace(each, amount=each.amount * 13 // 10) for each in usual(TODAY)])


def twelve_services(services: Services) -> None:
    """12 services of one account x3 at once, beside another account."""
    rng = random.Random(4)
    here, there = fleet(rng, 12, 20), fleet(rng, 12, 20, "other")
    past(services, lambda day: here(day) + there(day))
    send(at(services, TODAY), [*there(TODAY), *(replace(each, amount=each.amount * 3) for each in here(TODAY))])


def lasting(services: Services, level: Callable[[int], float], days: int) -> None:
    usual, one = fleet(random.Random(5), 12, 20), Series("database", "USD", "aws", "prod", "eu-west-1")
    rng = random.Random(6)
    past(services, lambda day: [*usual(day), cost(one, day, 70 * rng.uniform(0.97, 1.03))])
    for day in range(TODAY, TODAY + days):
        send(at(services, day), [*usual(day), cost(one, day, level(day - TODAY) * rng.uniform(0.97, 1.03))])
    for row in lookup.list_anomalies(services, Query(limit=100)).rows:
        found = row.anomaly
        about = describe_scope(read_scope(row.subject), row.subject.currency)
        say(f"  {found.status}: {found.periods} days, {found.impact / UNIT:,.0f} USD, {about}")


def shift(services: Services) -> None:
    """A shift of +80 % that lasts 50 days, 2,800 in excess."""
    lasting(services, lambda _: 126, 50)


def slow_leak(services: Services) -> None:
    """A leak of +3.5 % a day over 24 days."""
    lasting(services, lambda day: 70 * 1.035 ** (day + 1), 24)


def partial_bill(services: Services) -> None:
    """A bill whose last day is two thirds complete when it comes, and full a day later; no day is unusual."""
    usual = fleet(random.Random(7), 20, 50)
    known: dict[int, list[Entry]] = {}
    for day in range(TODAY - HISTORY, TODAY + 1):
        known[day] = [replace(each, external_id=f"{day}") for each in usual(day)]
        part = [replace(each, amount=each.amount * 2 // 3) for each in known[day]]
        send(at(services, day + 1), [*part, *known.get(day - 1, [])])


def summary(services: Services) -> None:
    """A year of all costs, 10,000 series against 100, right after an arrival."""
    for count in (100, 10_000):
        services.store.client.flushall()
        services.check_layout()
        usual, now = fleet(random.Random(8), count, 5), at(services, TODAY)
        for day in range(TODAY - 3, TODAY):
            ingest.ingest(now, usual(day)[:10_000])
        rest(now)
        ingest.ingest(now, usual(TODAY)[:1])
        begin = time.perf_counter()
        found = daily_sums.sum_days(now, "none", {}, series.date_of(TODAY - 365), series.date_of(TODAY))
        say(f"  {count:,} series: {1000 * (time.perf_counter() - begin):.1f} ms, {len(found)} days")


ROWS: Final = (
    leaked_key,
    partial_bill,
    new_region,
    many_services,
    twelve_services,
    shift,
    slow_leak,
    summary,
)


def main() -> None:
    """Run all rows, or those named."""
    for row in ROWS:
        if len(sys.argv) > 1 and row.__name__ not in sys.argv[1:]:
            continue
        say((row.__doc__ or "").strip())
        with fresh() as services:
            row(services)
            found = alerts(services)
            say(f"  {len(found)} alerts")
            for line in found[:12]:
                say(f"  {line}")


if __name__ == "__main__":
    main()
