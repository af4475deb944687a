"""What OpenCost's exports and answers mean."""

import json
from decimal import Decimal

from kumo.billing import Options, open_bill
from tests.billing.samples import FIXTURES, USD, only_note, rows_of


def test_opencost_needs_to_be_told_its_currency() -> None:
    with open_bill(FIXTURES / "opencost/export-sample.csv", options=Options("EUR", account="shop")) as bill:
        row = next(iter(bill))
    assert (row.provider, row.account, row.service, row.currency) == ("kubernetes", "shop", "opencost", "EUR")
    assert row.tags == {"app": "opencost", "team": "my-team", "component": "server"}


def test_opencost_allocations_are_read_from_the_answer() -> None:
    with open_bill(FIXTURES / "opencost/allocation-example-output.json", options=USD) as bill:
        rows = list(bill)
    assert {row.service for row in rows} == {"kube-system", "opencost", "prometheus"}
    assert sum((row.amount for row in rows), Decimal(0)) == Decimal("1.77816")
    assert {row.account for row in rows} == {"default-cluster"}
    assert "more than a day" in only_note(bill.notes)
    document = json.loads((FIXTURES / "opencost/allocation-example-output.json").read_text())
    sets = {"data": {"sets": [{"allocations": document["data"][0]}, None]}}
    assert len(rows_of(json.dumps(sets).encode(), USD)) == 3
