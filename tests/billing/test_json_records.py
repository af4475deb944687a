"""Answers of APIs, as they are saved."""

from decimal import Decimal

import pytest

from kumo.billing import Row
from tests.billing.answers import SERVICE, cost_explorer, saved
from tests.billing.samples import day, only, refusal, rows_of


def query(**more: object) -> dict[str, object]:
    names = {"PreTaxCost": "Number", "UsageDate": "Number", "ServiceName": "String", "Currency": "String"}
    columns = [{"name": name, "type": kind} for name, kind in names.items()]
    return {"columns": columns, "rows": [[10.5, 20261001, "Storage", "EUR"]]} | more


@pytest.mark.parametrize(
    "document", [query(), {"properties": query()}, {"id": "x", "properties": query(nextLink=None)}]
)
def test_azure_answers_a_query_with_columns_and_rows(document: object) -> None:
    row = only(rows_of(saved(document)))
    assert (row.amount, row.service, row.currency, day(row)[:10]) == (Decimal("10.5"), "Storage", "EUR", "2026-10-01")


def test_a_query_of_azure_is_of_the_subscription_that_its_id_names() -> None:
    document = {"id": "subscriptions/sub-1/providers/Microsoft.CostManagement/query/x", "properties": query()}
    assert only(rows_of(saved(document))).account == "sub-1"


def test_a_cost_of_any_name_is_found_in_a_query() -> None:
    columns = [{"name": "totalSpend", "type": "Number"}, *query()["columns"][1:]]  # type: ignore[index]
    assert only(rows_of(saved(query(columns=columns)))).amount == Decimal("10.5")


def detail(**properties: object) -> dict[str, object]:
    return {"name": "x", "tags": {"env": "prod"}, "properties": properties}


LEGACY = detail(
    subscriptionId="sub-1",
    date="2026-10-01T00:00:00Z",
    cost=2.5,
    billingCurrency="EUR",
    meterDetails={"meterCategory": "Storage"},
    resourceLocation="EU West",
    consumedService="x",
)
MODERN = detail(
    subscriptionGuid="sub-1",
    date="2026-10-01T00:00:00Z",
    costInBillingCurrency=2.5,
    billingCurrencyCode="EUR",
    meterCategory="Storage",
    resourceLocation="EU West",
    chargeType="Usage",
)


@pytest.mark.parametrize("item", [LEGACY, MODERN])
def test_azure_answers_with_usage_details(item: object) -> None:
    row: Row = only(rows_of(saved({"value": [item]})))
    assert (row.amount, row.currency, row.service) == (Decimal("2.5"), "EUR", "Storage")
    assert (row.account, row.region, row.tags) == ("sub-1", "EU West", {"env": "prod"})


@pytest.mark.parametrize(
    "document",
    [
        cost_explorer("AmazonEC2", types=(SERVICE,), NextPageToken="x"),
        query(nextLink="https://x.example"),
        {"value": [LEGACY], "nextLink": "https://x.example"},
    ],
)
def test_one_page_of_several_is_refused(document: object) -> None:
    assert "is one page of several" in refusal(saved(document)).detail


@pytest.mark.parametrize("document", [{"data": 5}, {"value": [1]}, {"ResultsByTime": 3}, [1], 7, "x"])
def test_any_other_document_is_refused(document: object) -> None:
    assert refusal(saved(document)).detail
