"""Bills for the tests of importing, and views of a store after them."""

import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from kumo.billing import Options, daily, open_bill
from kumo.domain import money
from kumo.domain.alerts import ImportSummary
from kumo.domain.imports import Import
from kumo.engine.imports import lifecycle
from kumo.engine.imports.bill_reader import Source
from kumo.engine.imports.choices import Choices
from kumo.engine.ops import verification
from kumo.engine.queries import daily_sums, lookup
from kumo.services import Services
from kumo.store import feed, imports
from tests.billing.samples import FIXTURES, FOCUS, written
from tests.engine.detection.arrivals import everything, judge_all
from tests.store import indexes

USD: Final = Choices(currency="USD")
SUFFIXES: Final = {".csv", ".parquet", ".ndjson", ".json", ".gz", ".zip"}
ALL: Final = sorted(
    str(path.relative_to(FIXTURES))
    for path in FIXTURES.rglob("*")
    if path.suffix in SUFFIXES and path.name != "expected_totals.json"
)
# Two manifests whose files are not beside them, a file without amounts, and one without dates.
REFUSED: Final = {
    "aws_cur/keboola_cur1_manifest.json",
    "aws_cur/keboola_cur2_manifest.json",
    "azure/oc_BOM.csv",
    "focus/focus_scenario_correction_set.csv",
}
# 2025-06-01: long past, as months that are restated are.
FIRST: Final = date(2025, 6, 1).toordinal()

Cost = tuple[int, str, object]


def row(day: int, service: str, cost: object, **cells: str) -> dict[str, str]:
    """Return a row of a FOCUS bill: the day of the month from 0 on, the service, the cost."""
    start = date.fromordinal(FIRST + day).isoformat()
    month = start[:7] + "-01T00:00:00Z"
    own = {"ChargePeriodStart": f"{start}T00:00:00Z", "BillingPeriodStart": month, "ServiceName": service}
    own |= {"ConsumedQuantity": f"{day + 1}.5", "ConsumedUnit": "Hours", "InvoiceId": ""}
    return FOCUS | own | {"EffectiveCost": str(cost), "BilledCost": str(cost)} | cells


def focus(*rows: dict[str, str]) -> bytes:
    """Return a FOCUS bill."""
    return written(*rows) if rows else written(row(0, "x", 1)).splitlines(keepends=True)[0]


def simple(costs: Iterable[Cost]) -> bytes:
    """Return a bill of (day, service, cost)."""
    return focus(*(row(*cost) for cost in costs))


def load(services: Services, bill: bytes | Source, name: str = "bill.csv", choices: Choices = USD) -> Import:
    """Import a bill that must not be refused."""
    found = lifecycle.run(services, io.BytesIO(bill) if isinstance(bill, bytes) else bill, name, choices)
    assert found.error is None, found.error
    return found


def sums(services: Services) -> dict[tuple[str, str], int]:
    """Return the sums of entries by date and service, from the entries themselves."""
    found: Counter[tuple[str, str]] = Counter()
    for cost in costs(services):
        day = datetime.fromtimestamp(cost.entry.timestamp / 1000, UTC).date().isoformat()
        found[day, cost.entry.series.service] += cost.entry.amount
    return dict(found)


def costs(services: Services) -> list[lookup.Cost]:
    """Return every entry."""
    page = lookup.list_costs(services, everything())
    rows = list(page.rows)
    while page.next:
        page = lookup.list_costs(services, lookup.Query(limit=1000, after=page.next))
        rows += page.rows
    return rows


def of(costs_: Iterable[Cost]) -> dict[tuple[str, str], int]:
    """Return the same of (day, service, cost), computed here."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for day, service, cost in costs_:
        found[date.fromordinal(FIRST + day).isoformat(), service] += Decimal(str(cost))
    return {name: money.to_micros(value) for name, value in found.items()}


def expected(path: Path) -> dict[tuple[date, str, str], int]:
    """Return the totals of a file by day, service and currency, as the readers see them, rounded in each scope."""
    with open_bill(path, options=Options(currency="USD")) as bill:
        totals = daily(bill)
    sums: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for total in totals:
        line = total.line
        series = (line.provider, line.account, line.region, line.category)
        day = datetime.fromtimestamp(total.start / 1000, UTC).date()
        sums[line.scope, series, day, line.service, line.currency] += total.amount
    found: dict[tuple[date, str, str], int] = defaultdict(int)
    for (_, _, day, service, currency), amount in sums.items():
        found[day, service, currency] += money.to_micros(amount)  # type: ignore[index]
    return dict(found)


def summed(services: Services) -> dict[tuple[date, str, str], int]:
    """Return the same from the daily totals."""
    rows = daily_sums.sum_days(services, "service", {}, date(1970, 1, 1), date(2100, 1, 1))
    return {(total.date, total.key, total.currency): total.amount for total in rows}


def sound(services: Services) -> None:
    """Check that all sums hold and nothing waits."""
    judge_all(services)
    assert list(verification.differences(services)) == []
    indexes.check(services.store)
    assert set(feed.backlog(services.store)) == {0}


def arrivals(services: Services) -> int:
    """Return how many arrivals there were."""
    return sum(int(services.store.client.get(partition.seq) or 0) for partition in services.store.partitions)


def contents(services: Services, without: str = "kumo:imports") -> dict[bytes, bytes]:
    """Return everything in the store except the list of imports."""
    found = services.store.client.scan_iter(count=1000)
    return {key: services.store.client.dump(key) for key in found if not key.startswith(without.encode())}


def summaries(services: Services) -> list[str]:
    """Return the ids of the alerts about imports."""
    return [
        alert.id
        for alert in lookup.list_alerts(services, everything()).rows
        if isinstance(alert.content, ImportSummary)
    ]


def counts(found: Import) -> tuple[int, int, int, int]:
    """Return how many entries an import added, removed, changed and left."""
    return found.added.entries, found.removed.entries, found.changed.entries, found.unchanged.entries


def begin(services: Services, name: str) -> Import:
    """Give a bill that is to be imported later its number, as an upload gets one."""
    row = Import(imports.next_number(services.store), name, started_at=services.clock())
    imports.save(services.store, row)
    return row
