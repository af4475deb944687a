"""A zip is one delivery."""

import json

import pytest

from tests.billing.samples import FOCUS, refusal, rows_of, written, zipped

OTHER = FOCUS | {"ServiceName": "S3"}


@pytest.mark.parametrize("contents", [{}, {"README.md": b"x"}, {"__MACOSX/._a.csv": b"x"}])
def test_a_zip_must_hold_a_file_of_data(contents: dict[str, bytes]) -> None:
    assert "without a data file" in refusal(zipped(contents)).detail


def test_all_files_of_a_zip_are_one_delivery() -> None:
    found = rows_of(zipped({"b/x.csv": written(OTHER), "a.csv": written(FOCUS), "README.md": b"x"}))
    assert [row.service for row in found] == ["Amazon EC2", "S3"]


def test_the_same_bytes_twice_in_one_delivery_are_refused() -> None:
    error = refusal(zipped({"a.csv": written(FOCUS), "b.csv": written(FOCUS)}))
    assert error.detail == "has the same bytes as bill.csv/a.csv: they would count twice"


def test_parts_without_rows_may_be_alike() -> None:
    empty = written(FOCUS).splitlines(keepends=True)[0]
    assert len(rows_of(zipped({"a.csv": empty, "b.csv": written(FOCUS), "c.csv": empty}))) == 1


def test_of_several_runs_in_a_zip_the_latest_counts() -> None:
    def run(name: str, at: str) -> dict[str, bytes]:
        manifest = {"blobs": [{"blobName": f"e/202610/{name}/part_0_0001.csv"}], "runInfo": {"submittedTime": at}}
        return {f"e/202610/{name}/manifest.json": json.dumps(manifest).encode()}

    data = {"e/202610/r1/part_0_0001.csv": written(OTHER), "e/202610/r2/part_0_0001.csv": written(FOCUS)}
    runs = run("r1", "2026-10-20T04:00:00Z") | run("r2", "2026-10-09T04:00:00Z")
    assert [row.service for row in rows_of(zipped(runs | data))] == ["S3"]


def test_files_of_two_formats_are_no_delivery() -> None:
    cur = b"line_item_usage_start_date,line_item_unblended_cost,line_item_product_code\n2026-10-01,1,S3\n"
    assert "has another format than bill.csv/a.csv" in refusal(zipped({"a.csv": written(FOCUS), "b.csv": cur})).detail
