"""The meaning of a FOCUS file, and rules for every format, trap by trap."""

from decimal import Decimal

import pyarrow as pa
import pytest

from kumo.billing import Row, open_bill
from tests.billing.samples import FIXTURES, FOCUS, day, only, only_note, opened, rows_of, stored, written


def focus(**changes: str) -> Row:
    return only(rows_of(written(FOCUS | changes)))


def test_focus_reads_every_field() -> None:
    row = focus()
    assert day(row) == "2026-09-01T00:00:00+00:00"
    assert (row.amount, row.billed) == (Decimal("1.25"), Decimal("1.5"))
    assert (row.provider, row.account, row.service, row.region) == ("aws", "0042", "Amazon EC2", "eu-west-1")
    assert row.line.scope == ("focus", "0042", "2026-09", "0001")
    assert (row.currency, row.category, row.resource, row.tags) == ("USD", "Usage", "i-1", {"env": "prod"})


@pytest.mark.parametrize(
    ("columns", "provider"),
    [
        ({"ServiceProviderName": "Google Cloud", "ProviderName": "AWS"}, "gcp"),
        ({"ServiceProviderName": "", "ProviderName": "Microsoft"}, "azure"),
        ({"ProviderName": "Amazon Web Services, Inc."}, "aws"),
        ({"Provider": "Oracle", "ProviderName": "NULL"}, "oracle"),
        ({"ProviderName": " Vercel "}, "Vercel"),
    ],
)
def test_focus_names_its_provider_in_three_columns(columns: dict[str, str], provider: str) -> None:
    assert focus(**columns).provider == provider


@pytest.mark.parametrize("empty", ["", "NULL", "null", "\\N"])
def test_focus_leaves_out_what_is_conditional(empty: str) -> None:
    row = focus(SubAccountId=empty, RegionId=empty, RegionName="Ireland", ResourceId=empty, Tags=empty)
    assert (row.account, row.region, row.resource, row.tags) == ("0001", "Ireland", "", {})
    few = {name: FOCUS[name] for name in ("ChargePeriodStart", "BilledCost", "EffectiveCost", "BillingCurrency")}
    bare = only(rows_of(written(few)))
    assert (bare.provider, bare.account, bare.service, bare.period) == ("", "", "", "2026-09")


@pytest.mark.parametrize(
    "header", ["charge_period_start", "CHARGEPERIODSTART", "Charge Period Start", "chargePeriodStart"]
)
def test_headers_are_compared_without_case_and_signs(header: str) -> None:
    record = {header if key == "ChargePeriodStart" else key: value for key, value in FOCUS.items()}
    assert only(rows_of(written(record))) == focus()


def test_focus_bills_in_the_billing_currency() -> None:
    assert focus(PricingCurrency="JPY").currency == "USD"


def test_one_cost_column_stands_for_both_and_says_so() -> None:
    with opened(written({key: value for key, value in FOCUS.items() if key != "EffectiveCost"})) as bill:
        row = only(list(bill))
    assert row.amount == row.billed == Decimal("1.5")
    assert "only one cost column" in only_note(bill.notes)


def test_one_empty_cost_is_never_read_as_zero() -> None:
    with opened(written(FOCUS, FOCUS | {"EffectiveCost": ""})) as bill:
        assert [row.amount for row in bill] == [Decimal("1.25"), Decimal("1.5")]
    assert "first in row 3" in only_note(bill.notes)


def test_a_record_without_any_amount_is_left_out_and_said() -> None:
    with opened(written(FOCUS, FOCUS | {"EffectiveCost": "", "BilledCost": "NULL", "BillingCurrency": ""})) as bill:
        only(list(bill))
    assert (bill.records, bill.rows) == (2, 1)
    assert "1 records have no amount" in only_note(bill.notes)


def test_currencies_are_kept_apart_and_said() -> None:
    with opened(written(FOCUS, FOCUS | {"BillingCurrency": "EUR"})) as bill:
        assert {row.currency for row in bill} == {"EUR", "USD"}
    assert "EUR, USD" in only_note(bill.notes)


def test_a_currency_that_iso_does_not_have_is_kept_and_said() -> None:
    with open_bill(FIXTURES / "azure/koku_azure_v2_ea.csv") as bill:
        assert {row.currency for row in bill} == {"MC"}
    assert only_note(bill.notes) == "'MC' is not a currency of ISO 4217; kept as given (first in row 2)"
    assert focus(BillingCurrency="usd").currency == "USD"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "b": true, "c": null, "d": 1.50, "e": {"f": [1]}}', ["1", "true", "", "1.50", '{"f": [1]}']),
        ('[{"key": "a", "value": "x"}, {"key": "b"}]', ["x", ""]),
        ("{'a': 'x', 'b': None}", ["x", ""]),
        ('"a": "x", "b": ""', ["x", ""]),
    ],
)
def test_tags_come_in_many_shapes(text: str, expected: list[str]) -> None:
    assert list(focus(Tags=text).tags.values()) == expected


@pytest.mark.parametrize("text", ["{env=prod}", "prod", "[1]", "{" * 300, "__import__('os')", "{'a': open('x')}"])
def test_tags_that_are_none_are_left_out_and_said(text: str) -> None:
    with opened(written(FOCUS | {"Tags": text})) as bill:
        assert only(list(bill)).tags == {}
    assert "tags" in only_note(bill.notes)


def test_leading_zeros_and_text_survive_parquet() -> None:
    columns = {key: [value] for key, value in FOCUS.items()}
    columns["BilledCost"] = pa.array([Decimal("0.1234567890123456789012345678")], pa.decimal128(38, 28))
    columns["EffectiveCost"] = pa.array([0.1], pa.float32())
    columns["ChargePeriodStart"] = pa.array([20_697], pa.date32())
    row = only(rows_of(stored(columns)))
    assert (row.account, row.billed) == ("0042", Decimal("0.1234567890123456789012345678"))
    assert (row.amount, day(row)) == (Decimal("0.1"), "2026-09-01T00:00:00+00:00")


@pytest.mark.parametrize(("category", "kept"), [("Usage", "Adjustment"), ("Credit", "Credit"), ("Tax", "Tax")])
def test_a_correction_is_no_usage_of_its_day(category: str, kept: str) -> None:
    assert focus(ChargeCategory=category, ChargeClass="Correction").category == kept
    assert focus(ChargeCategory=category, ChargeClass="").category == category


def test_focus_1_0_preview_names_category_and_region_otherwise() -> None:
    preview = {name: text for name, text in FOCUS.items() if name not in {"ChargeCategory", "RegionId"}}
    row = only(rows_of(written(preview | {"ChargeType": "Tax", "Region": "eu-west-3"})))
    assert (row.category, row.region) == ("Tax", "eu-west-3")


def test_a_file_without_charge_categories_says_that_taxes_cannot_be_told_apart() -> None:
    with opened(written({name: text for name, text in FOCUS.items() if name != "ChargeCategory"})) as bill:
        list(bill)
    assert "taxes, credits and fees count as usage" in only_note(bill.notes)
