"""What AWS's Cost and Usage Reports mean, trap by trap."""

from decimal import Decimal

import pyarrow as pa
import pytest

from kumo.billing import Row, open_bill
from tests.billing.samples import CUR, FIXTURES, day, only, only_note, opened, rows_of, stored, written


def cur(**changes: str) -> Row:
    names = {"kind": "lineItem/LineItemType", "cost": "lineItem/UnblendedCost"}
    return only(
        rows_of(written(CUR | {names.get(key, key.replace("__", "/")): value for key, value in changes.items()}))
    )


def test_a_cur_reads_every_field() -> None:
    row = cur()
    assert (row.provider, row.account, row.service, row.region) == ("aws", "0042", "AmazonEC2", "eu-west-1")
    assert row.line.scope == ("aws_cur", "0042", "2026-09", "0001")
    assert (day(row), row.resource, row.category) == ("2026-09-02T03:00:00+00:00", "BoxUsage:t3.micro", "Usage")


@pytest.mark.parametrize(
    ("columns", "amount"),
    [
        ({"kind": "Usage"}, "10"),
        ({"kind": "Tax"}, "10"),
        ({"kind": "EdpDiscount"}, "10"),
        ({"kind": "SavingsPlanCoveredUsage", "savingsPlan__SavingsPlanEffectiveCost": "7.1"}, "7.1"),
        (
            {
                "kind": "SavingsPlanRecurringFee",
                "savingsPlan__TotalCommitmentToDate": "9",
                "savingsPlan__UsedCommitment": "8.75",
            },
            "0.25",
        ),
        ({"kind": "SavingsPlanNegation"}, "0"),
        ({"kind": "SavingsPlanUpfrontFee"}, "0"),
        ({"kind": "DiscountedUsage", "reservation__EffectiveCost": "6.5"}, "6.5"),
        (
            {
                "kind": "RIFee",
                "reservation__UnusedAmortizedUpfrontFeeForBillingPeriod": "1.5",
                "reservation__UnusedRecurringFee": "2",
            },
            "3.5",
        ),
        ({"kind": "Fee", "reservation__ReservationARN": "arn:aws:ec2:ri"}, "0"),
        ({"kind": "Fee", "reservation__ReservationARN": ""}, "10"),
    ],
)
def test_a_cur_is_amortized_by_type_of_line(columns: dict[str, str], amount: str) -> None:
    row = cur(**columns)
    assert (row.amount, row.billed) == (Decimal(amount), Decimal(10))
    athena = {key.replace("/", "_"): value for key, value in CUR.items()}
    names = {"kind": "lineItem_LineItemType"}
    athena |= {names.get(key, key.replace("__", "_").replace("ARN", "_a_r_n")): value for key, value in columns.items()}
    assert only(rows_of(written(athena))).amount == Decimal(amount)


@pytest.mark.parametrize("kind", ["SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "DiscountedUsage", "RIFee"])
def test_a_cur_without_the_columns_of_amortization_says_so(kind: str) -> None:
    with opened(written(CUR | {"lineItem/LineItemType": kind})) as bill:
        assert only(list(bill)).amount == Decimal(10)
    assert kind in only_note(bill.notes)


def test_a_cur_is_billed_net_of_discounts_where_it_says_so() -> None:
    assert cur(lineItem__NetUnblendedCost="9.5").billed == Decimal("9.5")
    assert cur(lineItem__NetUnblendedCost="").billed == Decimal(10)


def test_tags_of_a_cur_are_columns_or_a_map() -> None:
    assert cur(**{"resourceTags/user:Env": "prod", "resourceTags/aws:createdBy": ""}).tags == {"Env": "prod"}
    assert cur(resource_tags_user_env="prod").tags == {"env": "prod"}
    assert cur(resource_tags='{"user_env": "prod"}').tags == {"user_env": "prod"}
    pairs = pa.array([[("user_env", "prod")]], pa.map_(pa.string(), pa.string()))
    columns = {key: [value] for key, value in CUR.items()} | {"resource_tags": pairs}
    assert only(rows_of(stored(columns))).tags == {"user_env": "prod"}


def test_an_account_of_a_cur_keeps_its_zeros() -> None:
    with open_bill(FIXTURES / "aws_cur/koku_2023-06-01.csv") as bill:
        assert {row.account for row in bill} == {"0099999999999"}


def test_a_region_is_found_in_the_map_of_a_product() -> None:
    mapped = {name.replace("/", "_"): text for name, text in CUR.items() if name != "product/region"}
    for product in ('{"region":"eu-west-1"}', "{'region': 'eu-west-1'}", '{"region_code":"eu-west-1"}'):
        assert only(rows_of(written(mapped | {"product": product}))).region == "eu-west-1"
    columns: dict[str, object] = {name: [text] for name, text in mapped.items()}
    listed = pa.array([[("region", "eu-west-1"), ("sku", "x")]], pa.map_(pa.string(), pa.string()))
    assert only(rows_of(stored(columns | {"product": listed}))).region == "eu-west-1"


def test_a_column_of_the_region_counts_before_a_map() -> None:
    assert only(rows_of(written(CUR | {"product": '{"region":"us-east-1"}'}))).region == "eu-west-1"
