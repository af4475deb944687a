"""Any table, read by a map of its columns."""

import json
import shlex
from decimal import Decimal

import pytest

from kumo.billing import Options, Row
from kumo.billing.column_map import guess_map, parse_map
from tests.billing.samples import day, only, refusal, rows_of, stored, written

TABLE = {"Date": "2026-10-01", "Product": "Mail", "Cost (EUR, net)": "10.5", "Team": "ml"}
PLAIN = 'timestamp=Date,"amount=Cost (EUR, net)",service=Product,currency==EUR'


def options(text: str) -> Options:
    return Options(columns=parse_map(text))


def test_a_table_is_read_by_its_map() -> None:
    chosen = options(f"{PLAIN},provider==Google Cloud,account==shop,region==eu,billing_account==b,category==Tax")
    row: Row = only(rows_of(written(TABLE), chosen))
    assert (row.service, row.amount, row.billed, day(row)[:10]) == ("Mail", Decimal("10.5"), row.amount, "2026-10-01")
    assert (row.provider, row.account, row.region, row.currency, row.category) == ("gcp", "shop", "eu", "EUR", "Tax")
    assert row.line.scope == ("table", "shop", "2026-10", "b")


def test_columns_of_a_map_may_be_any_of_those_of_an_entry() -> None:
    record = {"at": "2026-10-01", "c": "1", "b": "2", "s": "x", "p": "AWS", "a": "7", "r": "eu", "cur": "USD"}
    record |= {"pay": "9", "month": "2026-09", "kind": "Credit", "id": "vm", "labels": '{"team": "ml"}'}
    text = "timestamp=at,amount=c,billed=b,service=s,provider=p,account=a,region=r,currency=cur"
    text += ",billing_account=pay,period=month,category=kind,resource=id,tags=labels"
    row = only(rows_of(written(record), options(text)))
    assert (row.amount, row.billed, row.resource, row.tags) == (1, 2, "vm", {"team": "ml"})
    assert (row.line.scope, row.category) == (("table", "7", "2026-09", "9"), "Credit")


def test_json_and_parquet_are_read_by_a_map_too() -> None:
    chosen = options("timestamp=day,amount=usd.total,service=name,currency==USD")
    record = {"day": "2026-10-01", "usd": {"total": 1.5}, "name": "Mail"}
    assert only(rows_of(json.dumps(record).encode(), chosen)).amount == Decimal("1.5")
    assert only(rows_of(stored({name: [value] for name, value in record.items()}), chosen)).amount == Decimal("1.5")


def test_a_map_finds_its_header_below_titles() -> None:
    assert only(rows_of(b"Report of October\n\n" + written(TABLE), options(PLAIN))).service == "Mail"


def test_a_map_counts_before_a_format_that_kumo_knows() -> None:
    record = {"BilledCost": "1", "EffectiveCost": "2", "ChargePeriodStart": "2026-10-01", "ChargeCategory": "Usage"}
    chosen = options("timestamp=ChargePeriodStart,amount=BilledCost,service==x,currency==USD")
    row = only(rows_of(written(record), chosen))
    assert (row.amount, row.line.source, row.service) == (1, "table", "x")


def test_a_column_that_is_not_there_is_named() -> None:
    error = refusal(written(TABLE), options("timestamp=Date,amount=Price"))
    assert error.detail == "has no column 'Price', which the map names for amount"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("timestamp=Date", "must name a column for amount"),
        ("", "must name a column for timestamp and amount"),
        ("timestamp=Date,amount=Cost,colour=Red", "'colour', which is not one of timestamp, amount"),
        ("timestamp=Date,amount==5", "must name a column for amount, not a value"),
        ("timestamp=Date,amount=Cost,service", "is neither NAME=COLUMN"),
        ("timestamp=Date,amount=Cost,service=", "is neither NAME=COLUMN"),
        ("timestamp=Date,amount=Cost,service=A,service==B", "names service twice"),
        ('timestamp=Date,"amount=Cost', "is not a list of pairs"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has|names|is)") as caught:
        parse_map(text)
    assert wrong in str(caught.value)


def test_a_file_of_no_known_format_is_refused_with_the_map_to_try() -> None:
    record = {"Invoice date": "2026-10-01", "Net amount": "1.5", "Product": "Mail", "Account id": "7"}
    advice = shlex.split(refusal(written(record)).detail.partition("--map ")[2])
    assert advice == ["timestamp=Invoice date,amount=Net amount,service=Product,currency==USD,account=Account id"]
    assert only(rows_of(written(record), options(advice[0]))).account == "7"


def test_a_file_that_is_no_table_of_costs_is_given_no_map() -> None:
    assert "--map" not in refusal(b"root:x:0,home\na,b\n").detail


def test_a_guess_quotes_a_column_with_a_comma() -> None:
    assert parse_map(guess_map(list(TABLE))).columns == parse_map(PLAIN).columns
