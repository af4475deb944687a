"""Every fixture with known sums gives them, to the last digit."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kumo.billing import Row, daily, fingerprint, open_bill
from kumo.billing.amounts import add, subtract
from tests.billing.samples import EXPECTED, FIXTURES, USD

# The column of the sums in a row.
COLUMNS: dict[str, Callable[[Row], Decimal]] = {
    "BilledCost": lambda row: row.billed,
    "EffectiveCost": lambda row: row.amount,
    "lineItem/UnblendedCost": lambda row: row.billed,
    "line_item_unblended_cost": lambda row: row.billed,
    "Cost": lambda row: row.amount,
    "PreTaxCost": lambda row: row.amount,
    "CostInBillingCurrency": lambda row: row.amount,
    "TotalCost": lambda row: row.amount,
    "cells": lambda row: row.amount,
    "cost": lambda row: subtract(row.amount, row.credits),
    "credits": lambda row: row.credits,
    "net": lambda row: row.amount,
}


def read(name: str) -> list[Row]:
    with open_bill(FIXTURES / name, options=USD) as bill:
        return list(bill)


def total(rows: list[Row], column: str) -> Decimal:
    result = Decimal(0)
    for row in rows:
        result = add(result, COLUMNS[column](row))
    return result


def day_of(text: str) -> str:
    month, _, rest = text.partition("/")
    return "-".join([*rest.split("/")[::-1][:1], month, rest.split("/")[0]]) if rest else text


@pytest.mark.parametrize("name", EXPECTED)
def test_sums_of_a_bill_are_exact(name: str) -> None:
    rows, expected = read(name), EXPECTED[name]
    sums = {key.removeprefix("sum "): value for key, value in expected.items() if key.startswith(("sum ", "net"))}
    sums.pop("ListCost", None)  # see the next test but one
    assert sums
    assert {column: total(rows, column) for column in sums} == {key: Decimal(value) for key, value in sums.items()}


@pytest.mark.parametrize(
    "name", [name for name in EXPECTED if any(key.startswith("per_day") for key in EXPECTED[name])]
)
def test_sums_of_each_day_are_exact(name: str) -> None:
    key = next(key for key in EXPECTED[name] if key.startswith("per_day"))
    column = key.removeprefix("per_day ")
    days: dict[str, list[Row]] = defaultdict(list)
    for row in read(name):
        days[datetime.fromtimestamp(row.start / 1000, UTC).strftime("%Y-%m-%d")].append(row)
    sums = {day: total(rows, column) for day, rows in days.items()}
    assert sums == {day_of(day): Decimal(value) for day, value in EXPECTED[name][key].items()}


@pytest.mark.parametrize("name", [name for name in EXPECTED if "sum ListCost" in EXPECTED[name]])
def test_a_column_that_rows_do_not_keep_is_as_exact(name: str) -> None:
    with open_bill(FIXTURES / name) as bill:
        table = bill._opened[2]
        read_list = table.columns.amount("listcost")
        assert read_list
        result = Decimal(0)
        for cells in table.records():
            result = add(result, read_list(cells) or Decimal(0))
    assert result == Decimal(EXPECTED[name]["sum ListCost"])


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_bill_holds_is_counted(name: str) -> None:
    expected = EXPECTED[name]
    with open_bill(FIXTURES / name, options=USD) as bill:
        # The amount of a promotion is a row of its own, beside its charge.
        rows = [row for row in bill if row.category != "PROMOTION"]
        counted = {
            "rows": bill.rows,
            "date_rows": bill.records,
            "nonempty cells": bill.rows,
            "days": len({row.start // 86_400_000 for row in rows}),
            "accounts": len({row.account for row in rows}),
            "services": len({row.service for row in rows}),
            "currencies": {code: sum(row.currency == code for row in rows) for code in {row.currency for row in rows}},
        }
        assert bill.rows == len(rows)
    for key in counted.keys() & {key for key, value in expected.items() if isinstance(value, (int, dict))}:
        assert counted[key] == expected[key], key


@pytest.mark.parametrize("name", EXPECTED)
def test_daily_totals_hold_the_same_money(name: str) -> None:
    rows = read(name)
    for granularity in ("daily", "hourly"):
        totals = daily(rows, granularity)
        assert sum(each.rows for each in totals) == len(rows)
        assert sum((each.amount for each in totals), Decimal(0)) == total(rows, "net")
        assert sum((each.billed for each in totals), Decimal(0)) == total(rows, "BilledCost")


@pytest.mark.parametrize("name", EXPECTED)
def test_the_digest_is_known_without_reading_rows(name: str) -> None:
    with open_bill(FIXTURES / name, options=USD) as bill:
        list(bill)
        assert bill.digest == fingerprint(FIXTURES / name)


def test_a_bill_and_the_same_in_gzip_have_one_digest() -> None:
    plain, packed = (fingerprint(FIXTURES / "aws_cur" / name) for name in ("keboola_cur2.csv", "keboola_cur2.csv.gz"))
    assert plain == packed


@pytest.mark.parametrize(
    ("derived", "parent"),
    [
        ("aws_cur/cur2_from_real_cur1.parquet", "aws_cur/cur_athena_real_anonymous.csv"),
        ("gcp/gcp_bq_nested_2020-11.ndjson", "gcp/koku_gcp_standard_2020-11.csv"),
    ],
)
def test_a_bill_says_the_same_in_another_shape(derived: str, parent: str) -> None:
    one, other = read(derived), read(parent)
    assert sorted((row.start, row.amount, row.service, row.account, row.period) for row in one) == sorted(
        (row.start, row.amount, row.service, row.account, row.period) for row in other
    )
