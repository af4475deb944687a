"""Answers of APIs, as they are saved."""

import json
from decimal import Decimal
from typing import Any

import pytest

from kumo.billing import Row
from tests.billing.samples import USD, day, only, only_note, opened, refusal, rows_of


def saved(document: object) -> bytes:
    return json.dumps(document).encode()


def cost_explorer(
    *keys: str, types: tuple[tuple[str, str], ...], end: str = "2026-10-02", **more: object
) -> dict[str, Any]:
    metrics = {"UnblendedCost": {"Amount": "10.5", "Unit": "USD"}, "AmortizedCost": {"Amount": "9", "Unit": "USD"}}
    period = {"Start": "2026-10-01", "End": end}
    return {
        "GroupDefinitions": [{"Type": kind, "Key": key} for kind, key in types],
        "ResultsByTime": [{"TimePeriod": period, "Total": {}, "Groups": [{"Keys": list(keys), "Metrics": metrics}]}],
    } | more


SERVICE = ("DIMENSION", "SERVICE")


def test_cost_explorer_answers_with_dimensions_and_tags() -> None:
    types = (("DIMENSION", "LINKED_ACCOUNT"), ("TAG", "team"))
    row = only(rows_of(saved(cost_explorer("0042", "team$ml", types=types))))
    assert (row.account, row.tags, row.currency, day(row)[:10]) == ("0042", {"team": "ml"}, "USD", "2026-10-01")
    assert (row.amount, row.billed, row.line.source) == (9, Decimal("10.5"), "aws_ce")


def test_cost_explorer_without_groups_has_a_total() -> None:
    answer = {
        "ResultsByTime": [
            {"TimePeriod": {"Start": "2026-10-01"}, "Total": {"BlendedCost": {"Amount": "3", "Unit": "EUR"}}}
        ]
    }
    row = only(rows_of(saved(answer)))
    assert (row.amount, row.currency, row.service) == (3, "EUR", "")


def test_pages_of_cost_explorer_in_one_list_are_one_bill() -> None:
    pages = [cost_explorer("AmazonEC2", types=(SERVICE,)), cost_explorer("AmazonS3", types=(SERVICE,))]
    assert [row.service for row in rows_of(saved(pages))] == ["AmazonEC2", "AmazonS3"]
    assert [row.service for row in rows_of(b"\n".join(map(saved, pages)))] == ["AmazonEC2", "AmazonS3"]


def test_months_of_cost_explorer_are_said_not_to_be_days() -> None:
    with opened(saved(cost_explorer("AmazonEC2", types=(SERVICE,), end="2026-11-01"))) as bill:
        list(bill)
    assert "more than a day" in only_note(bill.notes)


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


def test_opencost_answers_with_costs_of_clouds() -> None:
    costs = {name: {"cost": 100.25} for name in ("listCost", "netCost", "amortizedNetCost", "invoicedCost")}
    item = costs | {"properties": {"provider": "AWS", "accountID": "0042", "service": "AmazonEC2"}}
    item |= {"window": {"start": "2026-10-01T00:00:00Z", "end": "2026-10-02T00:00:00Z"}}
    row = only(rows_of(saved({"data": {"sets": [{"cloudCosts": {"AmazonEC2": item}}, None]}}), USD))
    assert (row.provider, row.account, row.service, row.amount) == ("aws", "0042", "AmazonEC2", Decimal("100.25"))


@pytest.mark.parametrize("document", [{"data": 5}, {"value": [1]}, {"ResultsByTime": 3}, [1], 7, "x"])
def test_any_other_document_is_refused(document: object) -> None:
    assert refusal(saved(document)).detail
