"""Line 10: importing a bill in the shape of a CUR, beside a loop over its rows that does nothing but the same sums."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from redis import Redis

from tests.bench import processes
from tests.bench.sizes import Size
from tests.bench.table import Row, at_least, at_most

MEMORY_MB: Final = 200
# Processes of their own: the peak of this one belongs to other lines.
PLAIN: Final = """
import collections, csv, decimal, sys, time
begun = time.perf_counter()
sums, count = collections.defaultdict(decimal.Decimal), 0
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    head = next(rows)
    at = [head.index("lineItem/" + name) for name in ("UsageAccountId", "ProductCode", "CurrencyCode")]
    day, cost = head.index("lineItem/UsageStartDate"), head.index("lineItem/UnblendedCost")
    region = head.index("product/region")
    for row in rows:
        sums[row[day][:10], row[at[0]], row[at[1]], row[at[2]], row[region]] += decimal.Decimal(row[cost])
        count += 1
print(count, time.perf_counter() - begun, 0, sum(sums.values()))
"""
IMPORT: Final = """
import sys, time
from pathlib import Path
from kumo import services, settings
from kumo.engine.imports import lifecycle
built = services.build(settings.load())
begun = time.perf_counter()
found = lifecycle.run(built, Path(sys.argv[1]), "bill.csv")
seconds = time.perf_counter() - begun
# Not ru_maxrss, which begins with that of the process that starts this one.
peak = next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
print(found.rows, seconds, peak, found.money["USD"])
"""
NAMED: Final = (
    *("identity/LineItemId", "bill/InvoiceId", "bill/PayerAccountId", "bill/BillingPeriodStartDate"),
    *("lineItem/UsageAccountId", "lineItem/LineItemType", "lineItem/UsageStartDate", "lineItem/ProductCode"),
    *("lineItem/UsageType", "lineItem/ResourceId", "lineItem/CurrencyCode", "lineItem/UnblendedCost"),
    "product/region",
)
ROW: Final = (
    "{number:052x},,0001,2026-09-01T00:00:00Z,{account:012d},Usage,2026-09-{day:02d}T{hour:02d}:00:00Z,Amazon{service},"
    "BoxUsage:{kind},i-{resource:017x},USD,0.{cost:010d},eu-west-{region}"
)
# A real CUR has some 195 columns, most of them short or empty.
REST: Final = 182


def measure(size: Size) -> list[Row]:
    """Import the file and sum it plainly, turn by turn, each time into an empty store."""
    speed = Row("importing a bill", "rows/s", "csv and Decimal", at_least(0.8))
    memory = Row("importing a bill, peak", "MB", f"{MEMORY_MB} MB", at_most(1))
    with tempfile.TemporaryDirectory(prefix="kumo-bench-") as folder, processes.server() as url:
        path = Path(folder) / "bill.csv"
        rows = write(path, size.bill)
        speed.note = f"{path.stat().st_size / 1e6:,.0f} MB, {rows:,} rows of {len(NAMED) + REST} columns"
        for _ in range(size.rounds):
            with Redis.from_url(url) as client:
                client.flushall()
            ours, theirs = _run(IMPORT, path, url), _run(PLAIN, path, url)
            assert ours[0] == theirs[0] == rows
            # Each of the entries is rounded to micros once; the loop never rounds.
            assert abs(ours[3] - theirs[3]) < rows * 1e-6
            speed.add(rows / ours[1], rows / theirs[1])
            memory.add(ours[2] / 1024, MEMORY_MB)
    return [speed, memory]


def _run(script: str, path: Path, url: str) -> list[float]:
    """Return the output of a script: rows, seconds, peak in kB, sum."""
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=processes.ROOT, env=processes.environment(url, {})
    )
    return [float(number) for number in done.stdout.split()]


def write(path: Path, size: int) -> int:
    """Write a bill of about so many bytes; returns its rows. Hours, services and resources take turns."""
    rest = "".join(",some text" if column % 6 == 0 else "," for column in range(REST))
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*NAMED, *(f"product/column{number}" for number in range(REST))]) + "\n")
        while file.tell() < size:
            file.writelines(_row(number) + rest + "\n" for number in range(rows, rows + 500))
            rows += 500
    return rows


def _row(number: int) -> str:
    return ROW.format(
        number=number,
        account=number % 7,
        day=number % 30 + 1,
        hour=number % 24,
        service=number % 40,
        kind=number % 11,
        resource=number % 50_021,
        cost=number % 99_991,
        region=number % 3,
    )
