"""Ids of accounts that a spreadsheet or a table of floats has changed."""

import json

import pytest

from tests.billing.samples import CUR, FOCUS, only, only_note, opened, refusal, rows_of, stored, written


@pytest.mark.parametrize("text", ["1.11122E+11", "1,11122E+11", "1E+11", "1.11122e11"])
@pytest.mark.parametrize("column", ["bill/PayerAccountId", "lineItem/UsageAccountId"])
def test_an_account_that_a_spreadsheet_rounded_is_refused(column: str, text: str) -> None:
    error = refusal(written(CUR | {column: text}))
    assert (error.row, error.column) == (2, column)
    assert "merged several accounts" in error.detail


@pytest.mark.parametrize("text", ["111122223333.0", "111122223333.000"])
def test_an_account_written_as_a_float_is_read_as_the_whole_number_that_it_is(text: str) -> None:
    with opened(written(FOCUS | {"SubAccountId": text})) as bill:
        assert [row.account for row in bill] == ["111122223333"]
    assert "written as decimals" in only_note(bill.notes)


def test_floats_of_parquet_and_json_are_accounts_too() -> None:
    columns = {name: [text] for name, text in FOCUS.items()} | {"SubAccountId": [111122223333.0]}
    assert only(rows_of(stored(columns))).account == "111122223333"
    assert only(rows_of(json.dumps(FOCUS | {"SubAccountId": 111122223333.0}).encode())).account == "111122223333"
    assert "not an account id" in refusal(stored(columns | {"SubAccountId": [1.5e17]})).detail


@pytest.mark.parametrize("text", ["0042", "12e", "E11", "sub-1e5", "1.5"])
def test_other_ids_stand_as_they_are(text: str) -> None:
    assert only(rows_of(written(FOCUS | {"SubAccountId": text}))).account == text
