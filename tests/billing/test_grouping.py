"""Which files belong to one delivery."""

from pathlib import PurePosixPath as Place

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.billing.grouping import Bundle, group_files, is_data


def grouped(*names: str, **documents: object) -> list[list[str]]:
    """Group files whose times of change follow their order; return the parts of each delivery."""
    files = {Place(name): number for number, name in enumerate([*documents, *names])}
    bundles = group_files(files, {Place(name): document for name, document in documents.items()})
    return [[str(part) for part in bundle.parts] for bundle in bundles]


@pytest.mark.parametrize(
    "names",
    [
        ["shard-000000000000.csv", "shard-000000000001.csv", "shard-000000000002.csv"],
        ["a-00001.csv", "a-00002.csv"],
        ["bill_1_of_2.csv", "bill_2_of_2.csv"],
        ["part-00000-3f2a.c000.snappy.parquet", "part-00001-3f2a.c000.snappy.parquet"],
        ["daily-2026-10-00001.csv.gz", "daily-2026-10-00002.csv.gz"],
        ["part_0_0001.csv", "part_1_0001.csv"],
        [f"x{number:04}.csv" for number in range(12)],
    ],
)
def test_files_whose_names_count_their_parts_are_one_delivery(names: list[str]) -> None:
    assert grouped(*reversed(names)) == [names]


@pytest.mark.parametrize(
    "names",
    [
        ["sub-a.csv", "sub-b.csv"],
        ["cost-20261001.csv", "cost-20261002.csv"],
        ["2026-09.csv", "2026-10.csv"],
        ["202609.csv", "202610.csv"],
        ["export (1).csv", "export (2).csv"],
        ["a-00003.csv", "a-00004.csv"],
        ["a-00001.csv", "a-00003.csv"],
        ["bill-1.csv", "bill-2.csv"],
        ["1-first.csv", "2-second.csv"],
        ["a-1.csv", "b-2.csv"],
    ],
)
def test_files_that_may_be_two_versions_are_two_deliveries(names: list[str]) -> None:
    assert grouped(*names) == [[name] for name in names]


def test_parts_of_two_exports_in_one_folder_stay_apart() -> None:
    assert grouped("a-0001.csv", "b-0001.csv", "a-0002.csv", "b-0002.csv", "c.csv") == [
        ["a-0001.csv", "a-0002.csv"],
        ["b-0001.csv", "b-0002.csv"],
        ["c.csv"],
    ]


def test_parts_in_two_folders_are_two_deliveries() -> None:
    names = ["oct/a-0001.csv", "sep/a-0001.csv", "sep/a-0002.csv"]
    assert grouped(*names) == [names[:1], names[1:]]


def test_a_folder_that_its_writer_calls_complete_is_one_delivery() -> None:
    assert grouped("q/_SUCCESS", "q/year=2026/month=9/7f.parquet", "q/year=2026/month=10/c1.parquet", "x.csv") == [
        ["q/year=2026/month=10/c1.parquet", "q/year=2026/month=9/7f.parquet"],
        ["x.csv"],
    ]


@pytest.mark.parametrize(
    "name",
    [
        "_SUCCESS",
        "_committed_7",
        "a/.part-1.csv.crc",
        "x.sql",
        "__MACOSX/a.csv",
        "cost_and_usage_data_status/a.parquet",
    ],
)
def test_what_writers_leave_beside_their_data_is_none(name: str) -> None:
    assert not is_data(Place(name))
    assert grouped(name, "a.csv") == [["a.csv"]]


CUR = {"reportKeys": ["r/20261001-20261101/asm2/r-1.csv.gz", "r/20261001-20261101/asm2/r-2.csv.gz"]}
CUR_BEFORE = {"reportKeys": ["r/20261001-20261101/asm1/r-1.csv.gz"]}
CUR_FILES = [f"r/20261001-20261101/{name}.csv.gz" for name in ("asm1/r-1", "asm2/r-1", "asm2/r-2")]


def test_a_manifest_kept_in_two_places_is_one_delivery() -> None:
    manifests = {"r/20261001-20261101/r-Manifest.json": CUR, "r/20261001-20261101/asm2/r-Manifest.json": CUR}
    assert grouped(*CUR_FILES[1:], **manifests) == [CUR_FILES[1:]]


@pytest.mark.parametrize("is_first", [True, False])
def test_of_the_runs_of_one_month_the_latest_counts_and_the_others_are_no_deliveries(*, is_first: bool) -> None:
    runs = [("r/20261001-20261101/asm1/r-Manifest.json", CUR_BEFORE), ("r/20261001-20261101/r-Manifest.json", CUR)]
    assert grouped(*CUR_FILES, **dict(runs if is_first else runs[::-1])) == [CUR_FILES[1:]]


def test_the_latest_run_of_a_data_export_is_known_by_the_time_in_its_folder() -> None:
    manifests = {
        f"metadata/BILLING_PERIOD=2026-10/{run}/x-Manifest.json": {
            "dataFiles": [f"s3://bucket/x/data/BILLING_PERIOD=2026-10/{run}/x-00001.csv.gz"]
        }
        for run in ("20261020T000000Z-b", "20261009T000000Z-a")
    }
    data = [f"data/BILLING_PERIOD=2026-10/{run}/x-00001.csv.gz" for run in ("20261009T000000Z-a", "20261020T000000Z-b")]
    assert grouped(*data, **manifests) == [[data[1]]]


def test_the_latest_run_of_azure_is_known_by_when_it_was_asked_for() -> None:
    def run(name: str, at: str) -> dict[str, object]:
        blob = {"blobName": f"e/20261001-20261031/{name}/part_0_0001.csv"}
        return {"blobs": [blob], "runInfo": {"submittedTime": at}}

    manifests = {
        "e/20261001-20261031/r1/manifest.json": run("r1", "2026-10-20T04:00:00Z"),
        "e/20261001-20261031/r2/manifest.json": run("r2", "2026-10-09T04:00:00Z"),
    }
    files = [f"e/20261001-20261031/{name}/part_0_0001.csv" for name in ("r1", "r2")]
    assert grouped(*files, **manifests) == [[files[0]]]


def test_months_of_one_export_are_deliveries_of_their_own_whatever_their_parts_are_called() -> None:
    manifests = {
        f"export/{month}/manifest.json": {"blobs": [{"blobName": f"export/{month}/part_0_0001.csv"}]}
        for month in ("202609", "202610")
    }
    files = [f"export/{month}/part_0_0001.csv" for month in ("202609", "202610")]
    assert grouped(*files, **manifests) == [[files[0]], [files[1]]]


def test_data_of_athena_are_found_beside_the_folder_of_the_manifest() -> None:
    key = "prefix/hourly/hourly/year=2026/month=10/hourly-00001.snappy.parquet"
    manifest = "hourly/20261001-20261101/hourly-Manifest.json"
    data = "hourly/hourly/year=2026/month=10/hourly-00001.snappy.parquet"
    assert grouped(data, **{manifest: {"reportKeys": [key]}}) == [[data]]


def test_what_a_manifest_names_and_is_not_there_is_known() -> None:
    files = {Place("m.json"): 1, Place("a-1.csv"): 2}
    (bundle,) = group_files(files, {Place("m.json"): {"dataFiles": ["a-1.csv", "a-2.csv"]}})
    assert bundle.manifest is not None
    assert (bundle.parts, bundle.manifest.missing, bundle.files) == (
        (Place("a-1.csv"),),
        ("a-2.csv",),
        (Place("m.json"), Place("a-1.csv")),
    )


names = st.from_regex(r"[ab]/(x|y)-?(000)?[0-3]{1,2}(-[01])?\.csv|[ab]/_SUCCESS", fullmatch=True)


@given(st.lists(names, unique=True, max_size=12), st.randoms())
def test_each_file_of_data_is_in_one_delivery_in_whatever_order_they_are_seen(
    listed: list[str], chance: object
) -> None:
    def group(order: list[str]) -> list[Bundle]:
        return group_files(dict.fromkeys(map(Place, order), 0), {})

    shuffled = listed[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    bundles = group(listed)
    assert bundles == group(shuffled)
    assert sorted(part for bundle in bundles for part in bundle.parts) == sorted(
        place for place in map(Place, listed) if is_data(place)
    )
