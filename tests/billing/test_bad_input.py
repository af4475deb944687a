"""A fault of a bill is reported with file, row and column, and nothing of the bill is used."""

import codecs
import json
import pickle
import re

import pytest

from kumo.billing import BillError, Options
from tests.billing.samples import AZURE, CUR, FIXTURES, FOCUS, GCP, opened, refusal, rows_of, written

KNOWN = ("FOCUS 1.0 to 1.4", "Cost and Usage Report", "Cost Explorer", "Google Cloud", "Azure", "OpenCost")


@pytest.mark.parametrize("header", ["Start time,Cost in EUR", "Zeitraum;Betrag", "invoice/Date,invoice/amount"])
def test_an_unknown_table_of_costs_names_what_it_saw_and_what_is_known(header: str) -> None:
    error = refusal(f"{header}\n2026-09-01,1\n".encode())
    assert all(repr(name) in error.detail for name in re.split("[,;]", header))
    assert all(known in error.detail for known in KNOWN)


@pytest.mark.parametrize(
    "content",
    [
        "root:x:0:0:Secret:/root:/bin/bash\n",
        "SECRET_DAY=1\nSECRET_COST=2\n",
        "Secret,Weight\nred,1\n",
        "Secret cost,day 483920114\n",
        "date,cost,Secret=1\n",
        '{"Secret": "x", "token": "Secret"}',
        '["Secret"]',
        '"Secret"',
        '{"data": "Secret"}',
        "{Secret",
    ],
)
def test_a_file_that_is_no_table_of_costs_is_not_quoted(content: str) -> None:
    assert "secret" not in str(refusal(content.encode())).casefold()


@pytest.mark.parametrize(
    ("record", "column"),
    [(FOCUS, "ChargePeriodStart"), (CUR, "lineItem/UsageStartDate"), (AZURE, "Date")],
)
def test_a_bill_without_dates_is_refused(record: dict[str, str], column: str) -> None:
    error = refusal(written({key: value for key, value in record.items() if key != column}))
    assert "no column for the date" in error.detail


@pytest.mark.parametrize(
    ("record", "columns"),
    [
        (FOCUS, {"BilledCost", "EffectiveCost"}),
        (CUR, {"lineItem/UnblendedCost"}),
        (AZURE, {"CostInBillingCurrency"}),
    ],
)
def test_a_bill_without_amounts_is_refused(record: dict[str, str], columns: set[str]) -> None:
    error = refusal(written({key: value for key, value in record.items() if key not in columns}))
    assert "no column for the amount" in error.detail


def test_a_fixture_of_corrections_without_dates_is_refused() -> None:
    error = refusal((FIXTURES / "focus/focus_scenario_correction_set.csv").read_bytes())
    assert "no column for the date" in error.detail


@pytest.mark.parametrize(
    "amount",
    [
        *("$10,000.00 ", "1,5", "12.5 USD", "1_000", "NaN", "Infinity", "-inf", "0x10", "1e", "1" * 101, "1E+13"),
        *("1E-101", "(5.00)", "1.2.3", "--1", "1e9999999999"),
    ],
)
def test_an_amount_that_is_no_plain_number_is_refused(amount: str) -> None:
    error = refusal(written(FOCUS, FOCUS | {"BilledCost": amount}))
    assert (error.row, error.column) == (3, "BilledCost")
    assert "is not an amount" in error.detail


@pytest.mark.parametrize("date", ["", "NULL", "yesterday", "9/2/2026", "2026-13-01", "1969-12-31", "2026-9-1"])
def test_a_date_that_cannot_be_read_is_refused(date: str) -> None:
    error = refusal(written(FOCUS, FOCUS | {"ChargePeriodStart": date}))
    assert (error.row, error.column) == (3, "ChargePeriodStart")


def test_a_day_first_date_of_azure_is_refused_rather_than_guessed() -> None:
    error = refusal(written(AZURE | {"Date": "25/12/2026"}))
    assert (error.row, error.column) == (2, "Date")
    assert "month first" in error.detail


@pytest.mark.parametrize("amount", ["", "NULL", " "])
def test_a_bill_whose_amounts_are_all_empty_is_refused(amount: str) -> None:
    error = refusal(written(*[FOCUS | {"BilledCost": amount, "EffectiveCost": amount}] * 3))
    assert error.detail == "has records, but every amount is empty"
    assert error.column == "EffectiveCost, BilledCost"


def test_a_short_row_names_the_first_column_it_lacks() -> None:
    error = refusal(written(FOCUS) + b"2026-09-02T00:00:00Z,1\n")
    assert (error.row, error.column) == (3, "EffectiveCost")
    assert "2 fields where the header has 13" in error.detail


def test_a_long_row_is_refused() -> None:
    error = refusal(written(FOCUS).rstrip(b"\n") + b",one more\n")
    assert error.row == 2
    assert "14 fields where the header has 13" in error.detail


def test_rows_are_counted_as_lines_of_the_file() -> None:
    content = written(FOCUS | {"ResourceId": "two\nlines"}, FOCUS | {"BilledCost": "?"}).replace(b"\n", b"\n\n", 1)
    assert refusal(content).row == 5


def test_a_quote_that_never_closes_is_refused() -> None:
    assert "not CSV" in refusal(written(FOCUS) + b'"2026-09-02T00:00:00Z,1,2\n').detail


def test_a_row_without_a_currency_is_refused_unless_the_caller_says_one() -> None:
    content = written(FOCUS, FOCUS | {"BillingCurrency": ""})
    error = refusal(content)
    assert (error.row, error.column) == (3, "BillingCurrency")
    assert {row.currency for row in rows_of(content, Options(currency="EUR"))} == {"USD", "EUR"}


@pytest.mark.parametrize("content", [b"", b"\n\n", codecs.BOM_UTF8])
def test_a_file_with_nothing_in_it_is_refused(content: bytes) -> None:
    assert "empty" in refusal(content).detail


def test_a_byte_of_another_encoding_is_refused() -> None:
    error = refusal(
        written(*[FOCUS] * 500, FOCUS | {"ServiceName": "Speicher für Blöcke"}).replace("ü".encode(), b"\xfc")
    )
    assert error.row == 502
    assert "0xfc" in error.detail


def test_utf_16_that_does_not_say_so_is_refused() -> None:
    assert "UTF-16 without" in refusal(written(FOCUS).decode().encode("utf-16-le")).detail


def test_a_line_without_end_is_refused() -> None:
    assert "line of more than" in refusal(written(FOCUS) + b"a" * (2 << 20)).detail


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"a": 1}\n{"b": ', b"[1, 2]", b'{"usage_start_time": NaN}', b"[" * 100_000, b'{"cost": 1}\n7\n'],
)
def test_json_that_is_none_or_no_bill_is_refused(content: bytes) -> None:
    refusal(content)


def test_a_record_of_json_without_a_date_is_refused() -> None:
    lines = [json.dumps(GCP), json.dumps({key: value for key, value in GCP.items() if key != "usage_start_time"})]
    error = refusal("\n".join(lines).encode())
    assert (error.row, error.column) == (2, "usage_start_time")


def test_a_large_document_must_come_line_by_line() -> None:
    content = b'[\n{"usage_start_time": "2026-09-01"},\n' + b" " * 2000 + b"{}]"
    assert "send NDJSON" in refusal(content, Options(max_document=1000)).detail


def test_the_first_rows_come_before_the_error() -> None:
    with opened(written(FOCUS, FOCUS | {"BilledCost": "?"})) as bill:
        rows = iter(bill)
        assert next(rows).service == "Amazon EC2"
        with pytest.raises(BillError):
            next(rows)


def test_the_error_reads_as_a_sentence_and_survives_a_queue() -> None:
    error = BillError("is not an amount", "july.csv", 3, "Cost")
    assert str(error) == "july.csv, row 3, column Cost: is not an amount"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(BillError("is empty")) == "is empty"
