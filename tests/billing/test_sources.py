"""A bill is found whatever it is wrapped in, however it is encoded and whatever it is called."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from kumo.billing import fingerprint, open_bill
from tests.billing.samples import FIXTURES, FOCUS, GCP, opened, rows_of, stored, written, zipped

PLAIN = written(FOCUS, FOCUS | {"ResourceId": "größer", "BilledCost": "2"})
EXPECTED = rows_of(PLAIN)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n"], ids=["no final newline", "final newline"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda content: zipped({"x.txt": content})])
def test_every_encoding_line_end_and_wrapping_reads_alike(
    encoding: str,
    ends: str,
    last: str,
    pack: Callable[[bytes], bytes],
) -> None:
    text = PLAIN.decode().replace("\n", ends)
    assert rows_of(pack((text.rstrip() + last).encode(encoding))) == EXPECTED


def test_utf_16_of_the_other_end_reads_too() -> None:
    assert rows_of(b"\xfe\xff" + PLAIN.decode().encode("utf-16-be")) == EXPECTED


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_found(delimiter: str) -> None:
    assert rows_of(written(FOCUS, delimiter=delimiter)) == EXPECTED[:1]


def test_a_gzip_of_several_members_is_one_file() -> None:
    assert rows_of(gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:])) == EXPECTED


def test_gzip_inside_zip_reads() -> None:
    assert rows_of(zipped({"bill.csv.gz": gzip.compress(PLAIN)})) == EXPECTED


def test_what_a_mac_adds_to_a_zip_does_not_count() -> None:
    assert rows_of(zipped({"bill.csv": PLAIN, "__MACOSX/._bill.csv": b"\0", ".DS_Store": b"\0"})) == EXPECTED


@pytest.mark.parametrize("name", ["bill.parquet", "bill.json", "bill.zip", "bill"])
def test_the_name_of_a_file_says_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PLAIN)
    with open_bill(str(path)) as bill:
        assert list(bill) == EXPECTED


class Pipe(io.RawIOBase):
    """Bytes that come but once."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 7) if size > 0 else size)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda content: zipped({"x": content})])
def test_a_stream_that_cannot_be_sought_in_reads_alike(pack: Callable[[bytes], bytes]) -> None:
    stream: IO[bytes] = Pipe(pack(PLAIN))  # type: ignore[assignment]
    with open_bill(stream, "upload") as bill:
        assert list(bill) == EXPECTED


PARQUET = (FIXTURES / "focus/focus13_aws_100_decimal_tagsjson.parquet").read_bytes()


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"x": content}), bytes])
def test_parquet_reads_from_wherever_it_is(pack: Callable[[bytes], bytes]) -> None:
    with opened(pack(PARQUET)) as bill:
        assert len(list(bill)) == 100
        assert bill.digest == fingerprint(io.BytesIO(PARQUET))


def test_the_given_stream_stays_open() -> None:
    stream = io.BytesIO(PLAIN)
    with open_bill(stream) as bill:
        list(bill)
    assert not stream.closed


@pytest.mark.parametrize(
    "name", ["aws_cur/koku_empty_frame.csv", "azure/ftk_EA_NoRows.csv", "azure/koku_azure_empty.csv"]
)
def test_a_bill_of_a_header_alone_is_no_error(name: str) -> None:
    with open_bill(FIXTURES / name) as bill:
        assert list(bill) == []
        assert (bill.records, bill.rows, bill.notes) == (0, 0, [])


def test_parquet_of_no_rows_is_no_error() -> None:
    assert rows_of(stored({name: [""][:0] for name in FOCUS})) == []


def test_json_reads_line_by_line_as_a_list_and_alone() -> None:
    line = json.dumps(GCP)
    for content in (f"{line}\n\n{line}", f"[{line},{line}]", json.dumps([GCP, GCP], indent=2), f"\n{line}\n{line}\n"):
        assert len(rows_of(content.encode())) == 2
    assert len(rows_of(json.dumps(GCP, indent=2).encode("utf-8-sig"))) == 1
    assert len(rows_of(line.encode("utf-16"))) == 1
