"""Exports of Oracle, Alibaba, Snowflake and Databricks, written from their documentation."""

from decimal import Decimal

import pytest

from kumo.billing import Row
from kumo.billing.categories import category
from tests.billing.samples import day, only, only_note, opened, refusal, rows_of, written

ORACLE = {
    "lineItem/referenceNo": "V2.1",
    "lineItem/tenantId": "ocid1.tenancy.1",
    "lineItem/intervalUsageStart": "2026-10-01T05:00Z",
    "lineItem/intervalUsageEnd": "2026-10-01T06:00Z",
    "product/service": "COMPUTE",
    "product/compartmentId": "ocid1.compartment.1",
    "product/region": "us-ashburn-1",
    "product/resourceId": "ocid1.instance.1",
    "usage/billedQuantity": "1",
    "cost/productSku": "B1",
    "cost/myCost": "0.5",
    "cost/currencyCode": "USD",
    "lineItem/isCorrection": "false",
    "tags/team": "ml",
    "tags/env": "",
}
ALIBABA = {
    "BillingCycle": "2026-10",
    "AccountID": "100",
    "OwnerID": "101",
    "SubscriptionType": "PayAsYouGo",
    "ProductCode": "ecs",
    "ProductName": "Elastic Compute Service",
    "UsageStartTime": "2026-10-01 05:00:00",
    "Item": "PayAsYouGoBill",
    "InstanceID": "i-1",
    "Region": "cn-hangzhou",
    "PretaxGrossAmount": "2",
    "PretaxAmount": "1.5",
    "Currency": "CNY",
}
SNOWFLAKE = {
    "ORGANIZATION_NAME": "ORG",
    "CONTRACT_NUMBER": "7",
    "ACCOUNT_NAME": "PROD",
    "ACCOUNT_LOCATOR": "XY1",
    "REGION": "AWS_EU_WEST_1",
    "USAGE_DATE": "2026-10-01",
    "USAGE_TYPE": "compute",
    "CURRENCY": "USD",
    "USAGE": "3.1",
    "USAGE_IN_CURRENCY": "9.30",
    "BILLING_TYPE": "consumption",
    "RATING_TYPE": "compute",
    "SERVICE_TYPE": "WAREHOUSE_METERING",
    "IS_ADJUSTMENT": "FALSE",
}
DATABRICKS = {
    "account_id": "acc",
    "workspace_id": "123",
    "sku_name": "STANDARD_ALL_PURPOSE_COMPUTE",
    "usage_date": "2026-10-01",
    "usage_unit": "DBU",
    "usage_quantity": "10",
    "billing_origin_product": "JOBS",
    "custom_tags": '{"team": "ml"}',
    "list_cost": "5.5",
    "currency_code": "USD",
}


@pytest.mark.parametrize(
    ("record", "names", "amount", "scope"),
    [
        (
            ORACLE,
            ("oracle", "ocid1.compartment.1", "COMPUTE", "us-ashburn-1"),
            "0.5",
            ("oci", "ocid1.compartment.1", "2026-10", "ocid1.tenancy.1"),
        ),
        (
            ALIBABA,
            ("alibaba", "101", "Elastic Compute Service", "cn-hangzhou"),
            "1.5",
            ("alibaba", "101", "2026-10", "100"),
        ),
        (
            SNOWFLAKE,
            ("snowflake", "PROD", "WAREHOUSE_METERING", "AWS_EU_WEST_1"),
            "9.30",
            ("snowflake", "PROD", "2026-10", "ORG"),
        ),
        (DATABRICKS, ("databricks", "123", "JOBS", ""), "5.5", ("databricks", "123", "2026-10", "acc")),
    ],
    ids=["oracle", "alibaba", "snowflake", "databricks"],
)
def test_an_export_is_read_by_its_own_names(
    record: dict[str, str], names: tuple[str, ...], amount: str, scope: tuple[str, ...]
) -> None:
    row: Row = only(rows_of(written(record)))
    assert (row.provider, row.account, row.service, row.region) == names
    assert (row.amount, row.billed) == (Decimal(amount), Decimal(amount))
    assert (row.line.scope, day(row)[:10]) == (scope, "2026-10-01")
    assert category(row.category) == "usage"


def test_oracle_has_a_column_for_each_tag_and_says_that_files_belong_together() -> None:
    with opened(written(ORACLE)) as bill:
        assert [row.tags for row in bill] == [{"team": "ml"}]
    assert "import all files of a month together" in only_note(bill.notes)


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        (ORACLE | {"lineItem/isCorrection": "true"}, "adjustment"),
        (SNOWFLAKE | {"IS_ADJUSTMENT": "TRUE"}, "adjustment"),
        (SNOWFLAKE | {"BILLING_TYPE": "rebate"}, "credit"),
        (ALIBABA | {"Item": "SubscriptionOrder"}, "purchase"),
        (ALIBABA | {"Item": "Refund"}, "refund"),
    ],
)
def test_what_is_no_usage_keeps_its_category(record: dict[str, str], kept: str) -> None:
    assert category(only(rows_of(written(record))).category) == kept


def test_usage_of_databricks_without_its_cost_is_refused_with_the_way_to_get_it() -> None:
    error = refusal(written({name: text for name, text in DATABRICKS.items() if name != "list_cost"}))
    assert "join it with system.billing.list_prices" in error.detail
