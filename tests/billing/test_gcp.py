"""What Google's exports mean, trap by trap."""

import json
from decimal import Decimal

import pyarrow as pa
import pytest

from kumo.billing import daily
from tests.billing.samples import (
    GCP,
    day,
    only,
    opened,
    refusal,
    rows_of,
    stored,
    written,
)


def test_google_counts_credits_in_and_never_clamps() -> None:
    row = only(rows_of(json.dumps(GCP | {"cost": 1e-06}).encode()))
    assert (row.amount, row.billed, row.credits) == (Decimal("-0.000001"),) * 2 + (Decimal("-0.000002"),)
    assert (row.account, row.service, row.region) == ("shop", "Compute Engine", "europe-west1")
    assert row.line.scope == ("gcp", "shop", "2026-09", "B-1")
    assert (row.tags, row.resource, day(row)) == ({"env": "prod"}, "Core", "2026-09-01T23:00:00+00:00")


def test_google_leaves_out_nulls_even_in_the_first_record() -> None:
    bare = {key: GCP[key] for key in ("billing_account_id", "service", "usage_start_time", "cost", "currency")}
    rows = rows_of("\n".join(json.dumps(record) for record in (bare, GCP)).encode())
    assert [row.account for row in rows] == ["B-1", "shop"]
    assert [row.amount for row in rows] == [Decimal("0.000005"), Decimal("0.000003")]


def test_google_detailed_export_names_the_resource() -> None:
    detailed = GCP | {"resource": {"name": "vm-1", "global_name": "//compute/vm-1"}, "tags": []}
    assert only(rows_of(json.dumps(detailed).encode())).resource == "//compute/vm-1"


@pytest.mark.parametrize(
    "listed",
    [
        "[{'name': 'x', 'amount': -0.1234567890123456789012345678, 'full_name': None}]",
        '[{"name": "x", "amount": -0.1234567890123456789012345678}]',
        "[{'amount': Decimal('-0.1234567890123456789012345678')}]",
        "[{'amount': -0.1}, {'amount': -0.0234567890123456789012345678}]",
    ],
)
def test_google_credits_in_a_cell_are_exact(listed: str) -> None:
    record = {"billing_account_id": "B-1", "service.description": "X", "sku.description": "Y", "cost": "1E-28"}
    record |= {"usage_start_time": "2026-09-01 00:00:00+00:00", "currency": "USD", "credits": listed}
    assert only(rows_of(written(record))).amount == Decimal("-0.1234567890123456789012345677")


@pytest.mark.parametrize("listed", ["[{'amount': -1}\n,\n{'amount': 0.5}]", "[{'amount': '-0.5'}]", "-0.5"])
def test_credits_come_in_several_shapes(listed: str) -> None:
    record = {"billing_account_id": "B-1", "service.description": "X", "sku.description": "Y", "cost": "1"}
    record |= {"usage_start_time": "2026-09-01 00:00:00+00:00", "currency": "USD", "credits": listed}
    assert only(rows_of(written(record))).amount == Decimal("0.5")


@pytest.mark.parametrize(
    "listed", ["[1", "['x']", "[{'amount': 'x'}]", "[{'amount': f()}]", "[Decimal('x')]", "{[]: 1}"]
)
def test_credits_that_make_no_sense_are_refused(listed: str) -> None:
    record = {"billing_account_id": "B-1", "service.description": "X", "sku.description": "Y", "cost": "1"}
    record |= {"usage_start_time": "2026-09-01 00:00:00+00:00", "currency": "USD", "credits": listed}
    error = refusal(written(record))
    assert (error.row, error.column) == (2, "credits")


def test_google_nested_parquet_reads_as_json_does() -> None:
    table = {key: [value] for key, value in GCP.items()}
    table["usage_start_time"] = pa.array([1_788_303_600_000_000_123], pa.timestamp("ns", "UTC"))
    row = only(rows_of(stored(table)))
    assert (row.account, row.amount, row.tags) == ("shop", Decimal("0.000003"), {"env": "prod"})
    assert day(row) == "2026-09-01T23:00:00+00:00"


FLAT = {
    "billing_account_id": "B-1",
    "service.description": "X",
    "sku.description": "Y",
    "usage_start_time": "2026-09-01 00:00:00+00:00",
    "currency": "USD",
    "cost": "50",
}


def test_what_a_promotion_pays_is_a_credit_and_the_usage_costs_what_it_would_without() -> None:
    listed = [{"type": "PROMOTION", "amount": -30}, {"type": "SUSTAINED_USAGE_DISCOUNT", "amount": -5}]
    with opened(json.dumps(GCP | {"cost": 50, "credits": listed}).encode()) as bill:
        usage, credit = bill
    assert (usage.amount, usage.billed, usage.credits, usage.category) == (45, 45, -5, "regular")
    assert (credit.amount, credit.billed, credit.credits, credit.category) == (-30, -30, -30, "PROMOTION")
    assert credit.line.scope == usage.line.scope
    assert bill.rows == 1
    assert [(total.amount, total.judged) for total in daily([usage, credit])] == [(45, True), (-30, False)]


@pytest.mark.parametrize(
    "listed",
    [
        {"list": [{"element": {"amount": -3, "type": "DISCOUNT"}}, {"element": {"amount": -2}}]},
        {"list": [{"item": {"amount": -5}}]},
        {"bag": [{"array_element": {"amount": -5}}]},
        [{"element": {"amount": -5}}],
        {"amount": -5},
    ],
)
def test_credits_are_found_within_the_wrappers_of_other_formats(listed: object) -> None:
    assert only(rows_of(json.dumps(GCP | {"cost": 50, "credits": listed}).encode())).amount == 45
    assert only(rows_of(written(FLAT | {"credits": json.dumps(listed)}))).amount == 45


@pytest.mark.parametrize("listed", [{"total": -5}, [{"name": "trial"}], {"list": [{"element": {"name": "x"}}]}, [[-5]]])
def test_credits_without_an_amount_are_refused(listed: object) -> None:
    error = refusal(written(FLAT | {"credits": json.dumps(listed)}))
    assert (error.row, error.column) == (2, "credits")
    assert "is not a list of credits" in error.detail


@pytest.mark.parametrize(
    "columns",
    [
        {"credits.amount": "-5"},
        {"credits.0.amount": "-3", "credits.1.amount": "-2"},
        {"credits.list.element.amount": "-5"},
        {"credits_0_name": "x", "credits_0_amount": "-5", "credits_1_amount": ""},
    ],
)
def test_credits_in_columns_with_dotted_names_count(columns: dict[str, str]) -> None:
    assert only(rows_of(written(FLAT | columns))).amount == 45


def test_a_dotted_credit_of_a_promotion_is_known_by_its_type() -> None:
    columns = {
        "credits.0.amount": "-5",
        "credits.0.type": "PROMOTION",
        "credits.1.amount": "-1",
        "credits.1.type": "DISCOUNT",
    }
    assert [row.amount for row in rows_of(written(FLAT | columns))] == [49, -5]


def test_credits_in_lists_of_parquet_are_found() -> None:
    record = {"billing_account_id": "B-1", "service": {"description": "X"}, "sku": {"description": "Y"}, "cost": 50.0}
    record |= {"usage_start_time": "2026-09-01 00:00:00+00:00", "currency": "USD"}
    record["credits"] = {"list": [{"element": {"amount": -5.0, "type": "DISCOUNT"}}]}
    assert only(rows_of(stored({name: [value] for name, value in record.items()}))).amount == 45
