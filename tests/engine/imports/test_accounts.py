"""A delivery replaces the accounts and days that it holds, and no others."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.imports import Import
from kumo.engine.imports import lifecycle
from kumo.engine.imports.choices import Choices
from kumo.services import Services
from tests.billing.samples import zipped
from tests.engine.imports import bills
from tests.engine.imports.bills import load, row, sums

COMPLETE = Choices(currency="USD", complete=True)


def bill(*costs: tuple[str, int, int]) -> bytes:
    """Return a bill of one billing account: (account, day, cost)."""
    rows = [row(day, account, cost, SubAccountId=account, BillingAccountId="payer") for account, day, cost in costs]
    return bills.focus(*rows)


def total(services: Services) -> int:
    return sum(sums(services).values()) // 10**6


def test_exports_of_two_accounts_of_one_billing_account_add_up(services: Services) -> None:
    one, two = bill(("a", 0, 10), ("a", 1, 10)), bill(("b", 0, 4), ("b", 1, 4))
    for content in (one, two, one, two):
        load(services, content)
    assert total(services) == 28


def test_an_account_that_is_gone_from_some_days_is_gone_from_these(services: Services) -> None:
    load(services, bill(("a", 0, 10), ("a", 1, 10), ("b", 0, 4), ("b", 1, 4)))
    load(services, bill(("a", 0, 10), ("a", 1, 10), ("b", 0, 4)))
    assert total(services) == 24


def test_accounts_that_came_together_and_are_lacking_are_named_and_stay(services: Services) -> None:
    load(services, bill(("a", 0, 10), ("b", 0, 4)))
    found = load(services, bill(("a", 0, 11)))
    assert [note for note in found.notes if "accounts of earlier deliveries are missing: b;" in note]
    assert total(services) == 15


def test_accounts_of_another_export_are_not_said_to_be_lacking(services: Services) -> None:
    load(services, bill(("a", 0, 10)))
    load(services, bill(("b", 0, 4)))
    assert not [note for note in load(services, bill(("a", 0, 11))).notes if "lacks" in note]


def test_a_bill_that_is_complete_removes_the_accounts_that_it_lacks_in_its_days(services: Services) -> None:
    load(services, bill(("a", 0, 10), ("b", 0, 4), ("b", 1, 4)))
    found = load(services, bill(("a", 0, 10)), choices=COMPLETE)
    assert (found.removed.entries, total(services)) == (1, 14)
    assert [scope.account for scope in found.scopes] == ["a", "b"]


def report(folder: Path, content: bytes, account: str) -> Path:
    """Write a report of AWS: its manifest and its one file."""
    (folder / "part-1.csv").write_bytes(content)
    manifest = folder / "report-Manifest.json"
    manifest.write_text(json.dumps({"account": account, "reportKeys": ["report/part-1.csv"]}))
    return manifest


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("account", "left"), [("payer", 14), ("a", 18), ("", 18)])
def test_the_report_of_the_account_that_pays_is_complete(
    services: Services, tmp_path: Path, account: str, left: int, *, packed: bool
) -> None:
    load(services, bill(("a", 0, 10), ("b", 0, 4), ("b", 1, 4)))
    path = report(tmp_path, bill(("a", 0, 10)), account)
    content = zipped({each.name: each.read_bytes() for each in tmp_path.iterdir()})
    load(services, content if packed else path)
    assert total(services) == left


ACCOUNTS = ("a", "b", "c", "d")
said = st.dictionaries(st.tuples(st.sampled_from(ACCOUNTS), st.integers(0, 80)), st.integers(1, 9), max_size=12)


@given(st.lists(said, min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_day_is_what_the_newest_delivery_that_covers_it_says(
    services: Services, deliveries: list[dict[tuple[str, int], int]]
) -> None:
    services.store.client.flushall()
    model: dict[tuple[str, int], int] = {}
    for costs in deliveries:
        content = bill(*((account, day, cost) for (account, day), cost in costs.items()))
        found: Import = lifecycle.run(services, io.BytesIO(content), "bill.csv", Choices(currency="USD", again=True))
        assert found.error is None
        months: dict[str, list[int]] = {}
        for _, day in costs:
            months.setdefault(_month(day), []).append(day)
        for held in list(model):
            days = months.get(_month(held[1]), [])
            accounts = {account for account, day in costs if _month(day) == _month(held[1])}
            if days and min(days) <= held[1] <= max(days) and held[0] in accounts:
                del model[held]
        model |= costs
    assert total(services) == sum(model.values())


def _month(day: int) -> str:
    """Return the month of a day of June 2025 or after."""
    return str(bills.row(day, "x", 1)["BillingPeriodStart"])
