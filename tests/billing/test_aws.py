"""What AWS's reports mean, trap by trap."""

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


def cost_explorer(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_cost_explorer_skips_what_would_count_twice() -> None:
    with open_bill(FIXTURES / "aws_ce/synthetic_ce_daily_by_service_0915.csv") as bill:
        rows = list(bill)
    assert {"Service total", "Total costs"}.isdisjoint(row.service for row in rows)
    assert {row.category for row in rows if row.service == "Tax"} == {"Tax"}
    assert "Support (Business)" in {row.service for row in rows}


@pytest.mark.parametrize(
    ("first", "header", "expected"),
    [
        ("Service", "S3 (€)", ("", "S3", "", "EUR")),
        ("Region", "eu-west-1($)", ("", "", "eu-west-1", "USD")),
        ("Linked account", "0042($)", ("0042", "", "", "USD")),
        ("Usage type", "BoxUsage(GBP)", ("", "BoxUsage", "", "GBP")),
    ],
)
def test_cost_explorer_groups_by_what_its_first_column_says(
    first: str, header: str, expected: tuple[str, str, str, str]
) -> None:
    total = f"Total costs{header[header.index('(') :]}"
    content = cost_explorer(f"{first},{header},{total}", f"{first} total,3,3", "2026-09-01,1,1", "2026-09-02,2,2")
    rows = rows_of(content)
    assert [row.amount for row in rows] == [Decimal(1), Decimal(2)]
    assert {(row.account, row.service, row.region, row.currency) for row in rows} == {expected}


def test_cost_explorer_without_groups_has_only_the_total() -> None:
    rows = rows_of(cost_explorer("Service,Total costs($)", "Service total,3", "2026-09-01,3"))
    assert only(rows).amount == Decimal(3)


def test_a_region_is_found_in_the_map_of_a_product() -> None:
    mapped = {name.replace("/", "_"): text for name, text in CUR.items() if name != "product/region"}
    for product in ('{"region":"eu-west-1"}', "{'region': 'eu-west-1'}", '{"region_code":"eu-west-1"}'):
        assert only(rows_of(written(mapped | {"product": product}))).region == "eu-west-1"
    columns: dict[str, object] = {name: [text] for name, text in mapped.items()}
    listed = pa.array([[("region", "eu-west-1"), ("sku", "x")]], pa.map_(pa.string(), pa.string()))
    assert only(rows_of(stored(columns | {"product": listed}))).region == "eu-west-1"


def test_a_column_of_the_region_counts_before_a_map() -> None:
    assert only(rows_of(written(CUR | {"product": '{"region":"us-east-1"}'}))).region == "eu-west-1"


@pytest.mark.parametrize("days", [["2026-07-01"], ["2026-07-01", "2026-08-01"]])
def test_a_monthly_download_of_cost_explorer_says_so(days: list[str]) -> None:
    rows = "".join(f"{day},1,1\n" for day in days)
    with opened(f"Service,EC2($),Total costs($)\n{rows}".encode()) as bill:
        assert len(list(bill)) == len(days)
    assert "monthly download" in only_note(bill.notes)


def test_a_daily_download_of_cost_explorer_says_nothing() -> None:
    with opened(b"Service,EC2($),Total costs($)\n2026-07-01,1,1\n2026-07-02,1,1\n") as bill:
        list(bill)
    assert bill.notes == []
