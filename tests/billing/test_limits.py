"""Malicious bills: their size is limited over all their files, and checked before reading."""

import gzip
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from kumo.billing import BillError, Options, daily, fingerprint, open_bill
from tests.billing.samples import FOCUS, GCP, opened, refusal, rows_of, stored, written, zipped

PLAIN = written(FOCUS)


def repeated(rows: int, **columns: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    """Return columns of one row many times over, which take next to nothing in Parquet."""
    return {name: pa.repeat(pa.scalar(value), rows) for name, value in {**FOCUS, **columns}.items()}


class Stopped(Exception):  # noqa: N818 - not an error
    """Raised by a pulse to end the reading."""


def stopping(after: int) -> Callable[[int], None]:
    """Return a pulse that stops the reading after so many others."""
    pulses = iter(range(after + 1))

    def pulse(_: int) -> None:
        if next(pulses) == after:
            raise Stopped

    return pulse


@pytest.mark.slow
def test_parquet_that_repeats_a_row_for_ever_is_refused_before_it_is_read() -> None:
    content = stored(repeated(2_000_000))
    assert len(content) < 100_000
    pulses: list[int] = []
    assert "grows more than 300 times" in refusal(content, Options(pulse=pulses.append)).detail
    assert len(pulses) == 1
    assert "has more than 1000000 records" in refusal(content, Options(max_records=1_000_000)).detail


def test_lists_without_end_are_refused() -> None:
    tags = [[{"key": "a", "value": "b"}] * 1_100_000]
    content = stored({name: [value] for name, value in FOCUS.items()} | {"Tags": tags})
    assert "has rows of more than 512 values" in refusal(content).detail


def test_rows_that_would_take_all_memory_are_refused() -> None:
    content = stored(repeated(4096, ServiceName="x" * 20_000))
    assert "has rows of more than 16384 bytes" in refusal(content).detail


def test_parquet_with_a_name_that_holds_a_dot_is_held_to_the_same() -> None:
    columns = {name.replace("/", "."): value for name, value in repeated(100_000).items()}
    assert "grows more than" in refusal(stored(columns), Options(ratio_from=1_000_000)).detail


def test_parquet_that_is_what_it_says_is_read() -> None:
    assert len(rows_of(stored(repeated(20_000)))) == 20_000


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"x": content})])
def test_parquet_that_is_packed_again_fills_no_disk(pack: Callable[[bytes], bytes]) -> None:
    plain = io.BytesIO()
    names = {name: [value] for name, value in FOCUS.items()}
    pq.write_table(pa.table(names | {"ResourceId": ["x" * 3_000_000]}), plain, compression="none", use_dictionary=False)
    assert "grows more than 20 times" in refusal(pack(plain.getvalue()), Options(ratio_from=100_000)).detail


def test_the_files_of_a_zip_are_held_to_the_limits_together() -> None:
    rows = written(FOCUS) + written(FOCUS).splitlines(keepends=True)[1] * 3000
    names = [f"{number}.csv" for number in range(4)]
    content = zipped(dict.fromkeys(names, rows) | {"m.json": json.dumps({"reportKeys": names}).encode()})
    assert len(rows_of(content)) == 4 * 3001
    size = len(rows)
    assert refusal(content, Options(max_bytes=3 * size)).file == "bill.csv/3.csv"
    assert "grows more than 50 times" in refusal(content, Options(ratio_from=2 * size, max_ratio=50)).detail
    assert "has more than 10000 records" in refusal(content, Options(max_records=10_000)).detail


def test_a_thousand_files_are_not_open_at_once(tmp_path: Path) -> None:
    names = [f"{number}.parquet" for number in range(60)]
    content = stored({name: [value] for name, value in FOCUS.items()})
    for name in names:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "Manifest.json").write_text(json.dumps({"reportKeys": names}))
    before, most = len(list(Path("/proc/self/fd").iterdir())), 0
    with open_bill(tmp_path / "Manifest.json") as bill:
        for _ in bill:
            most = max(most, len(list(Path("/proc/self/fd").iterdir())))
    assert most - before < 10


@pytest.mark.parametrize("files", [1001, 40_000])
def test_a_zip_of_more_files_than_any_delivery_has_is_refused(files: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(files):
            archive.writestr(f"{number}.csv", b"")
    assert ("too many files" if files < 2000 else "more than 1000 files") in refusal(packed.getvalue()).detail


def test_a_zip_is_not_looked_through_for_manifests_without_end() -> None:
    filler = b'{"a": "' + b" " * (7 << 20) + b'"'
    content = zipped({f"{number}.json": filler for number in range(6)})
    assert "of JSON beside its data" in refusal(content).detail


def test_a_zip_of_records_of_json_is_told_by_their_first_lines() -> None:
    lines = "\n".join([json.dumps(GCP)] * 30_000).encode()
    names = [f"{number}.json" for number in range(8)]
    content = zipped(dict.fromkeys(names, lines) | {"m.json": json.dumps({"reportKeys": names}).encode()})
    with opened(content) as bill:
        assert bill.source == "gcp"


@pytest.mark.parametrize(
    "content",
    ["[" + "{}," * 3_000 + "{}]", "[\n" + "{},\n" * 3_000 + "{}]", f"{json.dumps(GCP)}\n[" + "[]," * 3_000 + "[]]\n"],
)
def test_a_document_of_more_values_than_memory_has_room_for_is_refused(content: str) -> None:
    assert "more than 1000 values" in refusal(content.encode(), Options(max_values=1000)).detail


def test_more_totals_than_there_is_memory_for_are_refused() -> None:
    rows = rows_of(written(*({**FOCUS, "ServiceName": f"service {number}"} for number in range(11))))
    assert len(daily(rows, most=11)) == 11
    with pytest.raises(BillError, match="more than 10 daily or hourly totals"):
        daily(rows, most=10)


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize(
    "content",
    [
        written(FOCUS) + written(FOCUS).splitlines(keepends=True)[1] * 9000,
        written(FOCUS) + b",,,,,,,,,,,,\n" * 90_000,
        gzip.compress(b"\n" * 2_000_000),
        stored(repeated(9000)),
        "\n".join([json.dumps(GCP)] * 4000).encode(),
        json.dumps([GCP] * 4000).encode(),
    ],
    ids=["csv", "without amounts", "blank", "parquet", "ndjson", "json"],
)
def test_reading_can_be_stopped_wherever_it_is(content: bytes, after: int) -> None:
    with pytest.raises(Stopped), opened(content, Options(pulse=stopping(after))) as bill:
        list(bill)


def test_so_can_be_the_reading_of_a_fingerprint() -> None:
    with pytest.raises(Stopped):
        fingerprint(io.BytesIO(written(FOCUS) + b"\n" * 2_000_000), Options(pulse=stopping(1)))


def test_how_far_reading_is_goes_on_over_all_files() -> None:
    names = [f"{number}.csv" for number in range(4)]
    content = zipped(dict.fromkeys(names, PLAIN) | {"m.json": json.dumps({"reportKeys": names}).encode()})
    told: list[int] = []
    rows_of(content, Options(pulse=told.append))
    assert told == sorted(told)
    assert len(set(told)) == 4
    assert 0 < told[-1] < len(content)


def test_no_copy_of_a_bill_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    large = stored(
        {name: [value] * 5000 for name, value in FOCUS.items()} | {"x": [os.urandom(2000) for _ in range(5000)]}
    )
    names: list[Path] = []
    rows_of(gzip.compress(large), Options(pulse=lambda _: names.extend(tmp_path.iterdir())))
    assert names == []
