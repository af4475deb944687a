"""Importing a bill: its totals, a repeat without work, refusals, and the values stored beside the amount."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kumo.billing import fingerprint
from kumo.domain.imports import ImportStatus
from kumo.domain.judging import Status
from kumo.engine import ingest
from kumo.engine.imports import lifecycle
from kumo.engine.imports.choices import Choices
from kumo.engine.queries import lookup
from kumo.errors import NotFoundError
from kumo.services import Services
from tests.billing.samples import AZURE, FIXTURES, written
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.engine.imports import bills
from tests.engine.imports.bills import ALL, REFUSED, USD, begin, contents, counts, expected, load, row, sound, summed


@pytest.mark.parametrize("name", [name for name in ALL if name not in REFUSED])
def test_a_bill_comes_to_what_its_reader_says_and_again_is_no_work(services: Services, name: str) -> None:
    first = load(services, FIXTURES / name, "")
    assert summed(services) == expected(FIXTURES / name)
    assert (first.status, first.digest) == (ImportStatus.DONE, fingerprint(FIXTURES / name))
    sound(services)
    before = contents(services)
    second = load(services, FIXTURES / name, "")
    assert (second.same_as, second.number) == (first.id, first.number + 1)
    assert contents(services) == before


def test_all_bills_together_and_all_again_change_nothing(services: Services) -> None:
    names = [name for name in ALL if name not in REFUSED]
    for name in names:
        lifecycle.run(services, FIXTURES / name, choices=USD)
    sound(services)
    held, arrived = bills.sums(services), bills.arrivals(services)
    again = [lifecycle.run(services, FIXTURES / name, choices=USD) for name in names]
    assert sum(bool(found.same_as) for found in again) > len(names) // 2
    # Some of them are two forms of the same scope and alternate; the end result is the same.
    assert bills.sums(services) == held
    sound(services)
    assert bills.arrivals(services) >= arrived


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refused_file_leaves_nothing_but_its_reason(services: Services, name: str) -> None:
    before = contents(services)
    found = lifecycle.run(services, FIXTURES / name, choices=USD)
    assert found.status is ImportStatus.FAILED
    assert found.error
    assert lifecycle.find(services, found.id) == found
    assert contents(services) == before


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row(3, "EC2", "1.5.5"), "row 3, column EffectiveCost"),
        (row(3, "EC2", "1") | {"ChargePeriodStart": "soon"}, "row 3, column ChargePeriodStart"),
        (row(3, "EC2", 10**12) | {"ResourceId": "a"}, "adds up to more than Kumo can store, EC2 on 2025-06-04"),
    ],
)
def test_what_is_wrong_at_the_end_stores_nothing_of_the_beginning(
    services: Services, bad: dict[str, str], said: str
) -> None:
    before = contents(services)
    more = [row(3, "EC2", 1)] if "adds up" in said else [row(1, "EC2", 1)]
    found = lifecycle.run(services, io.BytesIO(bills.focus(*more, bad)), "july.csv", USD)
    assert said in str(found.error)
    assert contents(services) == before


def test_a_file_that_is_not_there_is_refused(services: Services, tmp_path: Path) -> None:
    found = lifecycle.run(services, tmp_path / "gone.csv", "gone.csv")
    assert (found.status, str(found.error)) == (
        ImportStatus.FAILED,
        "gone.csv: cannot be read: No such file or directory",
    )


def test_a_bill_without_rows_is_done_and_changes_nothing(services: Services) -> None:
    before = contents(services)
    found = load(services, bills.focus())
    assert (found.status, counts(found), found.rows) == (ImportStatus.DONE, (0, 0, 0, 0), 0)
    assert contents(services) == before


def test_an_entry_keeps_what_is_billed_and_what_drove_it(services: Services) -> None:
    rows = [row(0, "EC2", cost, ResourceId=f"i-{cost}", BilledCost="0.5") for cost in range(1, 13)]
    load(services, bills.focus(*rows, row(0, "EC2", "-9.5", ResourceId="r" * 300)))
    (cost,) = bills.costs(services)
    assert (cost.entry.amount, cost.entry.billed) == (68_500_000, 12 * 500_000 - 9_500_000)
    names = [name for name, _ in cost.entry.contributors]
    assert names[:4] == ["i-12", "i-11", "i-10", "…" + "r" * 79]
    assert len(names) == 10
    assert lookup.find_cost(services, cost.id).entry == cost.entry


def test_other_charges_are_kept_and_summed_and_never_judged(services: Services) -> None:
    rows = [row(day, "EC2", 10) for day in range(20)]
    rows += [row(day, "EC2", 1 if day < 19 else 900, ChargeCategory="Tax") for day in range(20)]
    found = load(services, bills.focus(*rows))
    sound(services)
    taxes = [cost for cost in bills.costs(services) if cost.entry.series.charge_category == "tax"]
    assert {cost.status for cost in taxes} == {Status.EXCLUDED}
    assert {cost.verdict for cost in taxes} == {None}
    assert (len(taxes), found.anomalies, len(lookup.list_anomalies(services, everything()).rows)) == (20, 0, 0)
    assert sum(bills.sums(services).values()) == (200 + 919) * 10**6


def test_detection_looks_at_other_charges_where_it_is_asked_to(services: Services) -> None:
    rows = [row(day, "EC2", 1 if day < 19 else 900, ChargeCategory="Tax") for day in range(20)]
    kept = load(services, bills.focus(*rows))
    asked = load(services, bills.focus(*rows), choices=Choices(detect=frozenset({"tax"})))
    assert (kept.anomalies, asked.anomalies) == (0, 1)
    assert counts(asked) == (20, 20, 0, 0)
    assert {cost.entry.series.charge_category for cost in bills.costs(services)} == {""}
    sound(services)


def test_the_two_exports_of_azure_are_not_mixed(services: Services) -> None:
    load(services, FIXTURES / "azure" / "ftk_EA_ActualCost_Small.csv")
    before = contents(services)
    found = lifecycle.run(services, FIXTURES / "azure" / "ftk_EA_AmortizedCost_Small.csv", choices=USD)
    assert "Azure's amortized export" in str(found.error)
    assert "from its actual export" in str(found.error)
    assert contents(services) == before
    lifecycle.forget(services, "1")
    assert load(services, FIXTURES / "azure" / "ftk_EA_AmortizedCost_Small.csv").added.entries


def test_a_currency_of_its_own_is_kept_with_a_word_about_it(services: Services) -> None:
    found = load(services, written(AZURE | {"BillingCurrencyCode": "MC"}))
    assert found.money == {"MC": "2.5"}
    assert "'MC' is not a currency of ISO 4217" in found.notes[0]


def test_names_longer_than_an_entry_holds_stay_apart(services: Services) -> None:
    load(services, bills.focus(row(0, "s" * 300 + "1", 1), row(0, "s" * 300 + "2", 2)))
    names = {cost.entry.series.service for cost in bills.costs(services)}
    assert len(names) == 2
    assert {len(name) for name in names} == {200}


def test_rows_that_name_their_account_in_two_ways_are_one_entry(services: Services) -> None:
    one, other = row(0, "EC2", 1), row(0, "EC2", 2, BillingAccountId="")
    load(services, bills.focus(one | {"BillingAccountId": "0042"}, other))
    (cost,) = bills.costs(services)
    assert cost.entry.amount == 3 * 10**6


def test_hours_are_entries_where_that_is_asked_for(services: Services) -> None:
    rows = [row(0, "EC2", 1, ChargePeriodStart=f"2025-06-01T{hour:02}:00:00Z") for hour in range(24)]
    assert load(services, bills.focus(*rows), choices=Choices(granularity="hourly")).added.entries == 24
    found = load(services, bills.focus(*rows))
    assert counts(found) == (0, 23, 1, 0)
    sound(services)


def test_what_is_past_the_retention_is_left_out_with_a_word_about_it(build: Build) -> None:
    services = build(KUMO_RETENTION_DAYS="30")
    today = datetime.now(UTC).date().toordinal() - bills.FIRST
    found = load(services, bills.simple([(0, "EC2", 1), (today - 1, "EC2", 2)]))
    assert found.notes[-1].endswith(" is older than the retention and does not change")
    assert found.left_out == 1
    assert sum(bills.sums(services).values()) == 2 * 10**6
    sound(services)


def test_an_import_begun_before_is_found_under_its_number(services: Services) -> None:
    begun = begin(services, "bill.csv")
    assert lifecycle.find(services, begun.id).status is ImportStatus.WAITING
    load_ = lifecycle.run(services, io.BytesIO(bills.simple([(0, "EC2", 1)])), "bill.csv", USD, begun=begun.number)
    assert (load_.id, lifecycle.find(services, begun.id).status) == (begun.id, ImportStatus.DONE)
    again = lifecycle.run(services, io.BytesIO(b"whatever"), begun=begun.number)
    assert again == load_
    second = begin(services, "bill.csv")
    lifecycle.run(services, io.BytesIO(bills.simple([(0, "EC2", 1)])), "bill.csv", USD, begun=second.number)
    assert lifecycle.find(services, second.id).same_as == begun.id
    assert [found.id for found in lifecycle.list_all(services)] == [second.id, begun.id]
    assert [found.id for found in lifecycle.list_all(services, 1)] == [second.id]


@pytest.mark.parametrize("name", ["", "0", "99", "one", "²", "9" * 400])
def test_an_import_that_is_not_there_is_not_found(services: Services, name: str) -> None:
    with pytest.raises(NotFoundError):
        lifecycle.find(services, name)


def test_progress_is_told_to_the_end(services: Services) -> None:
    told: list[tuple[str, int, int]] = []
    path = FIXTURES / "focus" / "focus10_sample_multicloud_1000.csv"
    lifecycle.run(services, path, "", USD, lambda *what: told.append(what))
    ended = dict.fromkeys(phase for phase, done, total in told if done == total)
    assert list(ended) == ["reading", "recording", "judging"]


def test_an_entry_of_another_door_stays_what_it_is(services: Services) -> None:
    load(services, bills.simple([(0, "EC2", 1)]))
    (cost,) = bills.costs(services)
    ingest.ingest(services, [replace(cost.entry, external_id="", amount=7)])
    load(services, bills.simple([(0, "EC2", 2)]))
    assert sum(bills.sums(services).values()) == 2 * 10**6 + 7
    sound(services)
