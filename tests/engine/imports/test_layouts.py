"""Two months in every layout that exports have: as folders, zips, uploads, in any order, twice, killed half way."""

import io
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from kumo.engine.imports import importer, lifecycle
from kumo.engine.imports.folders import find_deliveries
from kumo.services import Services
from tests.billing.samples import zipped
from tests.conftest import Build
from tests.engine.imports.bills import USD, Cost, of, simple, sound, sums
from tests.engine.imports.test_kills import Killed, dying
from tests.engine.imports.uploading import never, send

Files = dict[str, bytes]
Layout = Callable[[str, list[bytes]], Files]

SERVICES: Final = (("EC2", "S3"), ("EC2", "RDS"))


def month_of(days: range, cost: int) -> list[list[Cost]]:
    """Return two parts of a month, which share its days and a service."""
    return [[(day, service, cost + day) for day in days for service in services] for services in SERVICES]


JUNE: Final = month_of(range(30), 10)
JULY: Final = month_of(range(30, 61), 30)
MONTHS: Final = {"2025-06": JUNE, "2025-07": JULY}
OLDER: Final = simple([(0, "EC2", 999)]), simple([(30, "EC2", 999)])


def _span(month: str) -> str:
    year, number = month.split("-")
    return f"{year}{number}01-{year}{int(number) + 1:02}01"


def _manifest(key: str, names: list[str]) -> bytes:
    return json.dumps({key: [f"s3://bucket/prefix/{name}" for name in names]}).encode()


def overwriting(month: str, parts: list[bytes]) -> Files:
    """AWS Data Exports that overwrite: metadata beside data."""
    data = {f"x/data/BILLING_PERIOD={month}/x-{number:05}.csv": part for number, part in enumerate(parts, 1)}
    return {f"x/metadata/BILLING_PERIOD={month}/x-Manifest.json": _manifest("dataFiles", list(data))} | data


def create_new(month: str, parts: list[bytes]) -> Files:
    """The same, with a folder for each run, an older one included."""
    found: Files = {}
    for run, bills in (("20250810T000000Z-b", parts), ("20250802T000000Z-a", [OLDER[month == "2025-07"]])):
        data = {f"x/data/BILLING_PERIOD={month}/{run}/x-{number:05}.csv": bill for number, bill in enumerate(bills, 1)}
        found |= {f"x/metadata/BILLING_PERIOD={month}/{run}/x-Manifest.json": _manifest("dataFiles", list(data))} | data
    return found


def athena(month: str, parts: list[bytes]) -> Files:
    """A CUR for Athena: the manifest lies in a folder of its span, the data in folders of year and month."""
    year, number = month.split("-")
    data = {f"x/x/year={year}/month={int(number)}/x-{place:05}.csv": part for place, part in enumerate(parts, 1)}
    return {f"x/{_span(month)}/x-Manifest.json": _manifest("reportKeys", list(data))} | data


def azure(month: str, parts: list[bytes]) -> Files:
    """Azure: a folder of the span, in it one of the run."""
    home = f"e/{_span(month)}/run"
    data = {f"{home}/part_0_{number:04}.csv": part for number, part in enumerate(parts, 1)}
    blobs = {"blobs": [{"blobName": name} for name in data], "runInfo": {"submittedTime": "2025-08-10T04:00:00Z"}}
    return {f"{home}/manifest.json": json.dumps(blobs).encode()} | data


def shards(month: str, parts: list[bytes]) -> Files:
    """BigQuery: shards that are counted."""
    return {f"export-{month}-{number:012}.csv": part for number, part in enumerate(parts)}


def spark(month: str, parts: list[bytes]) -> Files:
    """Return Spark's parts beside a file that marks the folder as complete."""
    data = {f"month={month}/part-{number:05}-a1b2c3d4-c000.csv": part for number, part in enumerate(parts)}
    return data | {f"month={month}/_SUCCESS": b""}


LAYOUTS: Final = [overwriting, create_new, athena, azure, shards, spark]


def of_month(layout: Layout, *months: str) -> Files:
    found: Files = {}
    for month in months:
        found |= layout(month, [simple(part) for part in MONTHS[month]])
    return found


folders = count()


def as_folder(services: Services, files: Files, tmp_path: Path) -> None:
    home = tmp_path / str(next(folders))
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for delivery in find_deliveries([home]):
        found = lifecycle.run(services, delivery.source, delivery.name, USD)
        assert found.error is None, found.error


def as_zip(services: Services, files: Files, _: Path) -> None:
    found = lifecycle.run(services, io.BytesIO(zipped(files)), "bill.zip", USD)
    assert found.error is None, found.error


def as_upload(services: Services, files: Files, _: Path) -> None:
    send(services, zipped(files))
    importer.work(services, never)


WAYS: Final = [as_folder, as_zip, as_upload]
ORDERS: Final = {
    "in order": [["2025-06"], ["2025-07"]],
    "out of order": [["2025-07"], ["2025-06"]],
    "twice": [["2025-06"], ["2025-07"], ["2025-06"], ["2025-07"]],
    "together": [["2025-06", "2025-07"]],
    "one of them again": [["2025-06", "2025-07"], ["2025-06"]],
}
Way = Callable[[Services, Files, Path], None]


def holds_both(services: Services) -> None:
    assert sums(services) == of(cost for month in MONTHS.values() for part in month for cost in part)
    sound(services)


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_months_come_to_what_they_say(
    build: Build, tmp_path: Path, layout: Layout, way: Way, order: list[list[str]]
) -> None:
    services = build(KUMO_PARTITIONS="2")
    for months in order:
        way(services, of_month(layout, *months), tmp_path)
    holds_both(services)


@pytest.mark.parametrize("at", [2, 5, 9])
@pytest.mark.parametrize("way", [as_folder, as_zip])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_killed_half_way_is_finished_when_it_comes_again(
    build: Build, tmp_path: Path, layout: Layout, way: Way, at: int
) -> None:
    services = build(KUMO_PARTITIONS="2")
    both = of_month(layout, *MONTHS)
    mortal, _ = dying(services, at)
    with pytest.raises(Killed):
        way(mortal, both, tmp_path)
    way(services, both, tmp_path)
    holds_both(services)
