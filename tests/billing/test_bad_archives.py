"""Damaged and malicious archives are refused."""

import gzip
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest

from kumo.billing import BillError, Options
from tests.billing.samples import FIXTURES, FOCUS, refusal, rows_of, stored, written


def zipped(*contents: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"part-{number}.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize("cut", [20, -8, -4, -1])
def test_a_truncated_gzip_is_refused(cut: int) -> None:
    error = refusal(gzip.compress(written(*[FOCUS] * 200))[:cut])
    assert "incomplete" in error.detail


def test_a_damaged_gzip_is_refused() -> None:
    content = bytearray(gzip.compress(written(*[FOCUS] * 200)))
    content[-6] ^= 0xFF
    assert "damaged" in refusal(bytes(content)).detail


def test_a_truncated_zip_is_refused() -> None:
    assert "zip" in refusal((FIXTURES / "aws_cur/keboola_cur1.csv.zip").read_bytes()[:-30]).detail


def bomb() -> bytes:
    line = written(FOCUS).splitlines(keepends=True)[1]
    return written(FOCUS) + line * 60_000


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_what_grows_more_than_any_bill_is_refused(pack: Callable[[bytes], bytes]) -> None:
    error = refusal(pack(bomb()), Options(ratio_from=1 << 20, max_ratio=50))
    assert "grows more than 50 times" in error.detail


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped])
def test_what_is_longer_than_allowed_is_refused(pack: Callable[[bytes], bytes]) -> None:
    assert "more than 1000000 bytes" in refusal(pack(bomb()), Options(max_bytes=1_000_000)).detail


def test_a_gigabyte_of_zeros_is_refused_at_its_first_megabytes() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(256):
            file.write(bytes(1 << 20))
    assert "not text" in refusal(packed.getvalue()).detail


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_an_archive_in_an_archive_is_refused(pack: Callable[[bytes], bytes]) -> None:
    assert "archive inside an archive" in refusal(gzip.compress(pack(written(FOCUS)))).detail


def test_an_excel_workbook_is_named_as_such() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "Excel" in refusal(packed.getvalue()).detail


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1 and then something else", b"PAR1" + bytes(500) + b"PAR1"])
def test_a_parquet_file_that_is_none_is_refused(content: bytes) -> None:
    assert "Parquet" in refusal(content).detail


def test_a_truncated_parquet_file_is_refused() -> None:
    content = (FIXTURES / "aws_cur/cur2_from_real_cur1.parquet").read_bytes()
    assert "Parquet" in refusal(content[: len(content) // 2]).detail
    holed = content[:5000] + bytes(40_000) + content[45_000:]
    assert "Parquet" in refusal(holed).detail


def test_parquet_without_dates_or_amounts_is_refused() -> None:
    assert "date" in refusal(stored({"BilledCost": ["1"], "ChargeCategory": ["Usage"]})).detail
    assert "amount" in refusal(stored({"ChargePeriodStart": ["2026-09-01"], "ChargeCategory": ["Usage"]})).detail


@pytest.mark.slow
def test_parquet_that_is_damaged_anywhere_in_its_footer_ends_no_process() -> None:
    whole = stored({name: [value] for name, value in FOCUS.items()})
    footer = int.from_bytes(whole[-8:-4], "little")
    for place in range(len(whole) - footer - 8, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        with suppress(BillError):
            rows_of(bytes(damaged))
