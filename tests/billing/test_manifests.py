"""A manifest names the files of its delivery, and nothing else."""

import gzip
import json
from pathlib import Path

import pytest

from kumo.billing import BillError, fingerprint, open_bill
from tests.billing.samples import AZURE, FIXTURES, FOCUS, opened, refusal, rows_of, written, zipped

PLAIN = written(FOCUS, FOCUS | {"ResourceId": "i-2", "BilledCost": "2"})
EXPECTED = rows_of(PLAIN)
# Each leads outside of the folder, or some system would understand it so.
ELSEWHERE = (
    *(
        "../secret.csv",
        "a/../../secret.csv",
        "//etc/shadow",
        "/../secret.csv",
        "s3:////etc/shadow",
        "s3://../secret.csv",
    ),
    *("//proc/self/environ", "s3://bucket/../secret.csv", "file:///etc/shadow", "..\\secret.csv", "a\\..\\secret.csv"),
    *("%2e%2e/secret.csv", "..%2Fsecret.csv", "C:/secret.csv", "c:secret.csv", "a\0b", "secret.csv\n", "", "/", "."),
    *("x" * 1025, None, 7, ["a.csv"], {"a": "b"}, True),
)


def deliver(folder: Path, manifest: dict[str, object], files: dict[str, bytes], name: str = "Manifest.json") -> Path:
    """Write a manifest and files beside it."""
    for place, content in {**files, name: json.dumps(manifest).encode()}.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / name


def refused(path: Path) -> BillError:
    """Return why a manifest is refused."""
    with pytest.raises(BillError) as caught:
        open_bill(path)
    assert caught.value.file == path.name
    return caught.value


@pytest.mark.parametrize(
    "manifest",
    [
        {"reportKeys": ["cur/20260901-20261001/abc/part-1.csv.gz", "cur/20260901-20261001/abc/part-2.csv.gz"]},
        {"reportKeys": ["/report/20260901-20261001/abc/part-1.csv.gz", "/report/20260901-20261001/abc/part-2.csv.gz"]},
        {"dataFiles": ["s3://bucket/cur/abc/part-1.csv.gz", "s3://bucket/cur/abc/part-2.csv.gz"]},
        {"blobs": [{"blobName": "x/abc/part-1.csv.gz"}, {"blobName": "x/abc/part-2.csv.gz"}]},
    ],
)
def test_a_manifest_reads_the_files_that_it_names(tmp_path: Path, manifest: dict[str, object]) -> None:
    halves = [gzip.compress(written(FOCUS)), gzip.compress(written(FOCUS | {"BilledCost": "2"}))]
    path = deliver(tmp_path, manifest, {"abc/part-1.csv.gz": halves[0], "abc/part-2.csv.gz": halves[1], "other": b""})
    with open_bill(path) as bill:
        assert [str(row.billed) for row in bill] == ["1.5", "2"]
        assert (bill.rows, bill.digest) == (2, fingerprint(path))


@pytest.mark.parametrize("key", ELSEWHERE, ids=ascii)
def test_a_manifest_that_names_a_file_elsewhere_is_refused_by_that_name(tmp_path: Path, key: object) -> None:
    (tmp_path / "secret.csv").write_bytes(PLAIN)
    error = refused(deliver(tmp_path / "inner", {"reportKeys": [key]}, {"x": b""}))
    assert "outside of its delivery" in error.detail or "with a malformed path" in error.detail
    packed = zipped({"a.csv": PLAIN, "m.json": json.dumps({"reportKeys": [key]}).encode()})
    with pytest.raises(BillError, match="names a file"):
        opened(packed)


@pytest.mark.parametrize(
    "key", ["gone.csv", "/etc/hostname", "s3://bucket/etc/hostname", "deep/" * 200 + "y", "x" * 999]
)
def test_a_file_that_is_not_beside_its_manifest_is_named(tmp_path: Path, key: str) -> None:
    assert "not beside it" in refused(deliver(tmp_path, {"reportKeys": [key]}, {"x": b""})).detail
    assert "not in its zip" in refusal(zipped({"x": PLAIN, "m": json.dumps({"dataFiles": [key]}).encode()})).detail


@pytest.mark.parametrize("execution", ["", "2026-09-02T00:00:00.000Z-1a2b/"])
def test_the_manifest_of_a_data_export_finds_the_data_beside_its_metadata(tmp_path: Path, execution: str) -> None:
    place = f"BILLING_PERIOD=2026-09/{execution}"
    files = {f"{folder}/data/{place}e-1.csv": PLAIN for folder in ("e", "other")}
    keys = {"dataFiles": [f"s3://bucket/prefix/e/data/{place}e-1.csv"]}
    with open_bill(deliver(tmp_path, keys, files, f"e/metadata/{place}e-Manifest.json")) as bill:
        assert list(bill) == EXPECTED
    refused(deliver(tmp_path, {"dataFiles": ["e-1.csv"]}, {"e/e-1.csv": PLAIN}, f"e/metadata/{place}e-Manifest.json"))
    refused(deliver(tmp_path, keys, {"f/data/x": b""}, f"f/manifests/{place}e-Manifest.json"))
    packed = {f"e/data/{place}e-1.csv": PLAIN, f"e/metadata/{place}M.json": json.dumps(keys).encode()}
    assert rows_of(zipped(packed)) == EXPECTED


def test_a_file_that_is_named_twice_does_not_count_twice(tmp_path: Path) -> None:
    keys = {"reportKeys": ["x/a.csv", "s3://bucket/a.csv"]}
    assert "twice" in refused(deliver(tmp_path, keys, {"a.csv": PLAIN})).detail
    assert "twice" in refusal(zipped({"a.csv": PLAIN, "m.json": json.dumps(keys).encode()})).detail
    once = json.dumps({"reportKeys": ["x/a.csv"]}).encode()
    assert rows_of(zipped({"a.csv": PLAIN, "m.json": once, "copy/m.json": once})) == EXPECTED


def test_more_files_than_any_delivery_has_are_refused(tmp_path: Path) -> None:
    keys = [f"{number}.csv" for number in range(1001)]
    assert "1001 files" in refused(deliver(tmp_path, {"reportKeys": keys}, dict.fromkeys(keys, b""))).detail


def test_the_second_file_of_a_manifest_is_named_where_it_is_wrong(tmp_path: Path) -> None:
    files = {"a.csv": PLAIN, "b.csv": written(FOCUS | {"BilledCost": "?"})}
    with (
        open_bill(deliver(tmp_path, {"dataFiles": ["a.csv", "b.csv"]}, files)) as bill,
        pytest.raises(BillError) as caught,
    ):
        list(bill)
    assert (caught.value.file, caught.value.row) == ("b.csv", 2)


def test_a_zip_with_its_manifest_reads_the_files_that_it_names() -> None:
    manifest = json.dumps({"reportKeys": ["x/a.csv", "x/b.csv"]}, indent=2).encode()
    assert rows_of(zipped({"b.csv": PLAIN, "a.csv": PLAIN, "m.json": manifest})) == EXPECTED * 2
    elsewhere = {"one/b.csv": PLAIN, "two/a.csv": PLAIN, "m.json": manifest}
    assert "not in its zip" in refusal(zipped(elsewhere)).detail


def test_files_that_are_packed_in_a_zip_each_are_read(tmp_path: Path) -> None:
    other = written(FOCUS | {"BilledCost": "9"})
    files = {"a.csv.zip": zipped({"a.csv": PLAIN}), "b.csv.zip": zipped({"b.csv": PLAIN})}
    keys: dict[str, object] = {"reportKeys": ["x/a.csv.zip", "x/b.csv.zip"]}
    with open_bill(deliver(tmp_path, keys, files)) as bill:
        assert list(bill) == EXPECTED * 2
    several = {"a.csv.zip": zipped({"a.csv": PLAIN, "b.csv": other})}
    with pytest.raises(
        BillError, match="is a zip of 2 files, but a manifest must name zips of one file each"
    ) as caught:
        open_bill(deliver(tmp_path / "several", {"reportKeys": ["x/a.csv.zip"]}, several))
    assert caught.value.file == "a.csv.zip"


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    manifest = json.dumps({"reportKeys": ["x/one/part.csv"]}).encode()
    other = written(FOCUS | {"BilledCost": "9"})
    assert rows_of(zipped({"one/part.csv": PLAIN, "two/part.csv": other, "m.json": manifest})) == EXPECTED
    unplain = json.dumps({"reportKeys": ["x/part.csv"]}).encode()
    assert "not in its zip" in refusal(zipped({"one/part.csv": PLAIN, "two/part.csv": other, "m": unplain})).detail


def test_a_manifest_alone_says_what_to_give_instead() -> None:
    with pytest.raises(BillError, match="is a manifest"):
        opened((FIXTURES / "aws_cur/keboola_cur1_manifest.json").read_bytes())


def test_files_of_one_delivery_are_of_one_format(tmp_path: Path) -> None:
    path = deliver(tmp_path, {"dataFiles": ["a", "b"]}, {"a": PLAIN, "b": written(AZURE)})
    with open_bill(path) as bill, pytest.raises(BillError, match="another format"):
        list(bill)
