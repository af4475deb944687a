"""OpenCost's cloudCost: what clouds bill, as OpenCost has read it from them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.billing.samples import USD, only, only_note, opened, refusal, rows_of

ITEM = {
    "properties": {"provider": "AWS", "accountID": "0042", "service": "AmazonEC2"},
    "window": {"start": "2026-10-01T00:00:00Z", "end": "2026-10-02T00:00:00Z"},
}


def saved(**changes: object) -> bytes:
    """Return an answer with one cloud cost; a number is the amount of a kind of cost."""
    item: dict[str, Any] = {
        name: {"cost": value} if isinstance(value, float) else value for name, value in changes.items()
    }
    return json.dumps({"data": {"sets": [{"cloudCosts": {"AmazonEC2": ITEM | item}}, None]}}).encode()


def test_a_cloud_cost_reads_every_field() -> None:
    row = only(rows_of(saved(listCost=100.25, netCost=100.25, amortizedNetCost=100.25, invoicedCost=100.25), USD))
    assert (row.provider, row.account, row.service, row.amount) == ("aws", "0042", "AmazonEC2", Decimal("100.25"))
    assert (row.currency, row.line.scope) == ("USD", ("opencost_cloud", "0042", "2026-10", "0042"))


@pytest.mark.parametrize(
    ("costs", "amount", "billed"),
    [
        ({"amortizedNetCost": 1.0, "amortizedCost": 2.0, "netCost": 3.0, "invoicedCost": 4.0}, 1, 4),
        ({"amortizedCost": 2.0, "netCost": 3.0, "listCost": 9.0}, 2, 2),
        ({"netCost": 3.0, "invoicedCost": 0.0}, 3, 0),
        ({"netCost": -3.0, "listCost": 9.0}, -3, -3),
    ],
)
def test_the_amortized_net_cost_is_judged_and_the_invoiced_one_is_billed(
    costs: dict[str, float], amount: int, billed: int
) -> None:
    row = only(rows_of(saved(**costs), USD))
    assert (row.amount, row.billed) == (amount, billed)


def test_cloud_costs_without_any_net_cost_are_refused() -> None:
    assert "every amount is empty" in refusal(saved(listCost=1.0, invoicedCost=1.0), USD).detail


def test_no_cloud_cost_names_its_currency() -> None:
    assert "has no currency" in refusal(saved(amortizedNetCost=1.0, netCost=1.0)).detail


@pytest.mark.parametrize(("end", "long"), [("2026-10-02T00:00:00Z", False), ("2026-10-02T00:00:01Z", True)])
def test_a_window_of_more_than_a_day_is_said(end: str, *, long: bool) -> None:
    window = {"start": "2026-10-01T00:00:00Z", "end": end}
    with opened(saved(amortizedNetCost=1.0, netCost=1.0, window=window), USD) as bill:
        assert len(list(bill)) == 1
    if long:
        assert "more than a day" in only_note(bill.notes)
    else:
        assert bill.notes == []
