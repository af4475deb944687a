"""Line 11: reading Parquet, which is grouped in Arrow, beside reading it row by row, and the plain loop.

CPU time, with whatever threads a library may start. Each resource has a row for each hour, as in a report of AWS.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv
from pyarrow import parquet as pq

from tests.bench import processes
from tests.bench.importing import MEMORY_MB
from tests.bench.sizes import Size
from tests.bench.table import Row, at_least, at_most

READ: Final = """
import sys, time
from pathlib import Path
import pyarrow.parquet, pyarrow.compute, pyarrow.acero
from kumo.billing import Options, daily, open_bill
begun = time.process_time()
with open_bill(Path(sys.argv[1]), options=Options(step=int(sys.argv[2]), tag_keys=())) as bill:
    totals = daily(bill)
seconds = time.process_time() - begun
peak = next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
print(bill.rows, seconds, peak, sum(total.amount for total in totals))
"""
PLAIN: Final = """
import collections, csv, decimal, sys, time
begun = time.process_time()
sums, count = collections.defaultdict(decimal.Decimal), 0
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    head = next(rows)
    names = ("usage_start_date", "usage_account_id", "product_code", "currency_code", "unblended_cost")
    day, account, service, currency, cost = (head.index("line_item_" + name) for name in names)
    for row in rows:
        sums[row[day][:10], row[account], row[service], row[currency]] += decimal.Decimal(row[cost])
        count += 1
print(count, time.process_time() - begun, 0, sum(sums.values()))
"""
DAY_MS: Final = 86_400_000
ROW_BYTES: Final = 650  # of a row of the bill in CSV that the line before this one imports
RESOURCES: Final = 400
BEGIN: Final = datetime(2026, 9, 1)  # noqa: DTZ001 - as Parquet holds it


def measure(size: Size) -> list[Row]:
    """Read the file in one way and in the other, and sum it plainly, turn by turn, in processes of their own."""
    grouped = Row("reading Parquet", "rows/s of CPU", "row by row", at_least(10))
    plain = Row("reading Parquet", "rows/s of CPU", "csv and Decimal")
    memory = Row("reading Parquet, peak", "MB", f"{MEMORY_MB} MB", at_most(1))
    with tempfile.TemporaryDirectory(prefix="kumo-bench-") as folder:
        path = Path(folder) / "bill.parquet"
        table = make(max(size.bill // ROW_BYTES, 1000))
        pq.write_table(table, path)
        csv.write_csv(table, path.with_suffix(".csv"))
        grouped.note = f"{path.stat().st_size / 1e6:,.0f} MB, {table.num_rows:,} rows, {RESOURCES} resources"
        for _ in range(size.rounds):
            ours, single = _run(READ, path, DAY_MS), _run(READ, path, 0)
            theirs = _run(PLAIN, path.with_suffix(".csv"), 0)
            assert ours[0] == single[0] == theirs[0]
            assert ours[3] == single[3] == theirs[3]
            grouped.add(ours[0] / ours[1], single[0] / single[1])
            plain.add(ours[0] / ours[1], theirs[0] / theirs[1])
            memory.add(ours[2] / 1024, MEMORY_MB)
    return [grouped, plain, memory]


def _run(script: str, path: Path, step: int) -> list[float]:
    """Return the output of a script: rows, seconds, peak in kB, sum."""
    command = [sys.executable, "-c", script, str(path), str(step)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=processes.ROOT)
    return [float(number) for number in done.stdout.split()]


def make(count: int) -> pa.Table:
    """Return a bill of so many rows: resource after resource by the hour, day after day."""

    def column(value: Callable[[int], Any], kind: pa.DataType) -> pa.Array:
        return pa.array(map(value, range(count)), kind)

    def resource(number: int) -> int:
        return number // 24 % RESOURCES

    text, time = pa.string(), pa.timestamp("ms")
    return pa.table(
        {
            "identity_line_item_id": column(lambda number: f"{number:052x}", text),
            "bill_payer_account_id": column(lambda _: "0001", text),
            "bill_billing_period_start_date": column(lambda _: BEGIN, time),
            "line_item_usage_account_id": column(lambda number: f"{resource(number) % 7:012d}", text),
            "line_item_line_item_type": column(lambda _: "Usage", text),
            "line_item_usage_start_date": column(
                lambda number: BEGIN + timedelta(days=number // 24 // RESOURCES % 30, hours=number % 24), time
            ),
            "line_item_product_code": column(lambda number: f"Amazon{resource(number) % 40}", text),
            "line_item_usage_type": column(lambda number: f"BoxUsage:{resource(number) % 11}", text),
            "line_item_resource_id": column(lambda number: f"i-{resource(number):017x}", text),
            "line_item_currency_code": column(lambda _: "USD", text),
            "line_item_usage_amount": column(lambda number: 1.0 + number % 3, pa.float64()),
            "pricing_unit": column(lambda _: "Hrs", text),
            "line_item_unblended_cost": column(lambda number: float(f"0.{number * 7919 % 99_991:010d}"), pa.float64()),
            "product_region_code": column(lambda number: f"eu-west-{resource(number) % 3}", text),
        }
    )
