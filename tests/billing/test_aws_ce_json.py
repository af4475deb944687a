"""What `aws ce get-cost-and-usage` prints."""

from decimal import Decimal

import pytest

from tests.billing.answers import SERVICE, cost_explorer, saved
from tests.billing.samples import day, only, only_note, opened, refusal, rows_of


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


@pytest.mark.parametrize(
    ("metrics", "amount", "billed"),
    [
        ({"NetAmortizedCost": "1", "AmortizedCost": "2", "UnblendedCost": "3", "NetUnblendedCost": "4"}, 1, 4),
        ({"AmortizedCost": "2", "BlendedCost": "5"}, 2, 2),
        ({"BlendedCost": "5", "UsageQuantity": "9"}, 5, 5),
        ({"AmortizedCost": "-2", "UnblendedCost": "0"}, -2, 0),
    ],
)
def test_the_metric_closest_to_the_amortized_net_cost_is_judged_and_the_unblended_one_is_billed(
    metrics: dict[str, str], amount: int, billed: int
) -> None:
    total = {name: {"Amount": value, "Unit": "USD"} for name, value in metrics.items()}
    answer = {"ResultsByTime": [{"TimePeriod": {"Start": "2026-10-01"}, "Total": total}]}
    row = only(rows_of(saved(answer)))
    assert (row.amount, row.billed) == (amount, billed)


def test_an_answer_without_a_cost_is_refused_with_the_metrics_to_ask_for() -> None:
    total = {"UsageQuantity": {"Amount": "9", "Unit": "N/A"}}
    error = refusal(saved({"ResultsByTime": [{"TimePeriod": {"Start": "2026-10-01"}, "Total": total}]}))
    assert "--metrics AmortizedCost UnblendedCost" in error.detail
