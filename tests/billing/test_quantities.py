"""Used quantities: from every kind of bill, in one unit or not at all."""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from kumo.billing import Options, daily, open_bill
from kumo.billing.column_map import parse_map
from tests.billing.samples import AZURE, CUR, FIXTURES, FOCUS, GCP, USD, only, only_note, opened, rows_of, written

COLUMNS = {
    "focus/focus10_sample_multicloud_1000.csv": ("ConsumedQuantity", "ConsumedUnit"),
    "aws_cur/cur_athena_real_anonymous.csv": ("lineItem/UsageAmount", "pricing/unit"),
    "azure/ftk_EA_AmortizedCost_Small.csv": ("Quantity", "UnitOfMeasure"),
    "gcp/koku_gcp_standard_2020-11.csv": ("usage.amount_in_pricing_units", "usage.pricing_unit"),
}
NOT_USED = {"SavingsPlanNegation", "Tax", "Fee", "RIFee", "Credit", "EdpDiscount"}


def plainly(name: str) -> dict[str, Decimal]:
    """Sum the quantities of a file by unit, without Kumo."""
    quantity, unit = COLUMNS[name]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with (FIXTURES / name).open(newline="", encoding="utf-8-sig") as file:
        for record in csv.DictReader(file):
            if record[quantity] not in {"", "NULL"} and record.get("lineItem/LineItemType") not in NOT_USED:
                sums[record[unit]] += Decimal(record[quantity])
    return {each: total for each, total in sums.items() if total}


@pytest.mark.parametrize("name", COLUMNS)
def test_quantities_of_a_bill_are_those_of_its_own_column(name: str) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with open_bill(FIXTURES / name, options=USD) as bill:
        for row in bill:
            sums[row.unit] += row.quantity or 0
    found = {unit: total for unit, total in sums.items() if total}
    assert found == plainly(name)
    assert found


def nested(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record).encode()


@pytest.mark.parametrize(
    "content",
    [
        written(FOCUS | {"ConsumedQuantity": "2.50", "ConsumedUnit": "Hours"}),
        written(FOCUS | {"UsageQuantity": "2.5", "UsageUnit": "Hours"}),
        written(CUR | {"lineItem/UsageAmount": "2.5", "pricing/unit": "Hours"}),
        written(AZURE | {"quantity": "2.5", "unitOfMeasure": "Hours"}),
        written(AZURE | {"ConsumedQuantity": "2.5", "UnitOfMeasure": "Hours"}),
        nested(GCP | {"usage": {"amount": 9000, "unit": "s", "amount_in_pricing_units": 2.5, "pricing_unit": "Hours"}}),
    ],
)
def test_each_provider_says_what_was_used(content: bytes) -> None:
    total = only([each for each in daily(rows_of(content)) if each.judged])
    assert (total.quantity, total.unit) == (Decimal("2.5"), "Hours")


def test_a_mapped_table_names_columns_for_it() -> None:
    options = Options(columns=parse_map("timestamp=Day,amount=Cost,quantity=Count,unit=Per,currency==USD"))
    row = only(rows_of(written({"Day": "2026-09-01", "Cost": "1", "Count": "3", "Per": "seats"}), options))
    assert (row.quantity, row.unit) == (3, "seats")


def used(*said: tuple[str, str]) -> tuple[str | None, str]:
    """Return the quantity and unit of the rows of one day, each with a quantity and a unit."""
    records = (FOCUS | {"ConsumedQuantity": quantity, "ConsumedUnit": unit} for quantity, unit in said)
    total = only(daily(rows_of(written(*records))))
    return None if total.quantity is None else str(total.quantity), total.unit


@pytest.mark.parametrize(
    ("said", "quantity"),
    [
        ([("1.5", "GB"), ("2", "GB")], "3.5"),
        ([("1.5", "GB"), ("-0.5", "GB")], "1.0"),
        ([("1.5", "GB"), ("", "")], "1.5"),
        ([("", "GB"), ("NULL", "")], "None"),
        ([("0", ""), ("1.5", "GB"), ("0", "Hours")], "1.5"),
        ([("0", "GB"), ("0", "GB")], "0"),
        ([("1.5", "GB"), ("2", "Gb")], "NaN"),
        ([("1.5", "GB"), ("2", "Hours"), ("3", "GB")], "NaN"),
        ([("1.5", "GB"), ("many", "GB"), ("3", "GB")], "NaN"),
    ],
)
def test_one_unit_has_a_sum_and_several_have_none(said: list[tuple[str, str]], quantity: str) -> None:
    assert str(used(*said)[0]) == quantity


def test_what_cannot_be_read_is_said_and_refuses_nothing() -> None:
    with opened(written(FOCUS | {"ConsumedQuantity": "many"})) as bill:
        assert only(list(bill)).amount == Decimal("1.25")
    assert "quantity is not readable" in only_note(bill.notes)


@pytest.mark.parametrize("held", [[1], {"value": 1}, True, "1.0.0", [[]], 1e400])
def test_what_json_holds_for_a_quantity_may_be_anything(held: object) -> None:
    content = json.dumps(
        [GCP | {"usage": {"amount_in_pricing_units": each, "pricing_unit": "h"}} for each in (held, 2)]
    )
    rows = rows_of(content.replace("Infinity", "1e400").encode())
    assert [str(row.quantity) for row in rows] == ["NaN", "2"]


@pytest.mark.parametrize("kind", ["SavingsPlanNegation", "EdpDiscount", "Tax"])
def test_a_line_that_repeats_the_usage_of_another_counts_no_quantity(kind: str) -> None:
    line = CUR | {"lineItem/UsageAmount": "5", "lineItem/LineItemType": kind}
    assert only(rows_of(written(line))).quantity is None


@pytest.mark.parametrize(
    ("cost", "quantity", "read"),
    [
        ("1,5", "2,25", "2.25"),
        ("1,5", "1.234,5", "1234.5"),
        ("1,5", "1.234", "NaN"),  # thousands, or a point
        ("1.5", "2.25", "2.25"),
        ("1", "2.25", "2.25"),
        ("1,5", "7", "7"),
    ],
)
def test_a_decimal_comma_in_a_quantity_is_read_and_never_refuses_a_bill(cost: str, quantity: str, read: str) -> None:
    record = FOCUS | {"BilledCost": cost, "EffectiveCost": cost, "ConsumedQuantity": quantity}
    record = {name: record[name] for name in ("ConsumedQuantity", *FOCUS)}
    for records in ([record], [record, record | {"ConsumedQuantity": "0"}]):
        assert str(rows_of(written(*records, delimiter=";"))[-len(records)].quantity) == read


def test_what_a_promotion_pays_for_is_not_used_twice() -> None:
    paid = GCP | {"credits": [{"name": "trial", "amount": -2e-06, "type": "PROMOTION"}]}
    rows = rows_of(nested(paid | {"usage": {"amount_in_pricing_units": 2.5, "pricing_unit": "h"}}))
    assert [row.quantity for row in rows] == [Decimal("2.5"), None]
