"""A bill of any size is read in the same memory."""

import gzip
import io
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MEGABYTE = 1 << 20
# A separate process: the peak of this one includes other tests.
READ = """
import resource, sys
from kumo.billing import daily, open_bill
with open_bill(sys.argv[1]) as bill:
    totals = daily(bill)
print(bill.rows, sum(total.billed for total in totals))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
TRACED = """
import sys, tracemalloc
from kumo.billing import daily, open_bill
from kumo.billing import parquet
with open_bill(sys.argv[1]) as bill:
    tracemalloc.start()
    rows = sum(1 for _ in bill)
print(rows, 0)
print(tracemalloc.get_traced_memory()[1] // 1024)
"""


def report(megabytes: int) -> tuple[bytes, int]:
    """Write a CUR of that size, hours and resources taking turns."""
    columns = ["lineItem/UsageStartDate", "lineItem/UnblendedCost", "lineItem/CurrencyCode", "lineItem/ProductCode"]
    columns += ["lineItem/ResourceId", *(f"product/column{number}" for number in range(90))]
    text, rows = io.StringIO(), 0
    text.write(",".join(columns) + "\n")
    while text.tell() < megabytes * MEGABYTE:
        start = f"2026-09-{rows % 30 + 1:02d}T{rows % 24:02d}:00:00Z"
        text.write(
            f"{start},0.{rows % 997:010d},USD,Amazon{rows % 12},i-{rows % 5003:032x}{',some text' * 50}{',' * 40}\n"
        )
        rows += 1
    return text.getvalue().encode(), rows


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    content, rows = report(50)
    folder = tmp_path_factory.mktemp("bills")
    (folder / "large.csv").write_bytes(content)
    (folder / "large.csv.gz").write_bytes(gzip.compress(content, 1))
    (folder / "small.csv").write_bytes(b"\n".join(content.split(b"\n")[:100]))
    return folder, rows


def run(script: str, path: Path) -> tuple[int, int]:
    """Return the rows that a script read and the kilobytes it took."""
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    first, peak = done.stdout.splitlines()
    return int(first.split()[0]), int(peak)


@pytest.mark.parametrize("name", ["large.csv", "large.csv.gz"])
def test_fifty_megabytes_take_hardly_more_than_none(large: tuple[Path, int], name: str) -> None:
    folder, rows = large
    _, little = run(READ, folder / "small.csv")
    counted, much = run(READ, folder / name)
    assert counted == rows
    assert much - little < 16 * 1024  # kilobytes: totals and contributors of thirty days, no rows


def test_reading_alone_holds_a_few_buffers(large: tuple[Path, int]) -> None:
    folder, rows = large
    counted, peak = run(TRACED, folder / "large.csv")
    assert counted == rows
    assert peak < 4 * 1024
