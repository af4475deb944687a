"""One name in several spellings is one series, at every door and in every reading."""

from dataclasses import replace
from datetime import date

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.policies import Policy
from kumo.engine import ingest
from kumo.engine.detection import policies
from kumo.engine.imports import lifecycle
from kumo.engine.queries import daily_sums, lookup
from kumo.engine.queries.views import Query
from kumo.services import Services
from tests.domain.test_names import CAFE
from tests.engine.detection.arrivals import START, everything, judge_all
from tests.engine.imports import bills
from tests.engine.imports.bills import counts, load, row, sound

pytestmark = pytest.mark.settings(KUMO_MIN_HISTORY="2")


def send(services: Services, amount: int, day: int, service: str = CAFE[0], region: str = "", **more: str) -> None:
    entry = Entry(Series(service, "USD", region=region), amount * 10**6, START + day * DAY_MS, **more)  # type: ignore[arg-type]
    ingest.ingest(services, [entry])


def test_five_spellings_are_one_series_that_shows_the_first(services: Services) -> None:
    for day, spelling in enumerate(CAFE):
        send(services, 1, day, spelling)
    (found,) = lookup.list_series(services, everything()).rows
    assert (found.series.service, found.moments.n) == (CAFE[0], 5)
    assert {cost.entry.series.service for cost in lookup.list_costs(services, everything()).rows} == {CAFE[0]}
    sound(services)


def test_an_external_id_is_known_in_every_spelling(services: Services) -> None:
    for spelling in CAFE:
        send(services, 1, 0, spelling, external_id="bill-1")
    assert len(lookup.list_costs(services, everything()).rows) == 1


@pytest.mark.parametrize("spelling", CAFE)
def test_every_reading_is_filtered_in_every_spelling(services: Services, spelling: str) -> None:
    for day, amount in enumerate([10, 10, 10, 900]):
        send(services, amount, day)
        send(services, 10, day, "other")
    judge_all(services)
    asked = Query(series={"service": spelling, "currency": "USD"})
    assert len(lookup.list_costs(services, asked).rows) == 4
    for rows in (
        lookup.list_series(services, asked),
        lookup.list_anomalies(services, asked),
        lookup.list_alerts(services, asked),
    ):
        assert len(rows.rows) == 1
    totals = daily_sums.sum_days(services, "none", {"service": spelling}, date(2025, 1, 1), date(2026, 1, 1))
    assert sum(total.amount for total in totals) == 930 * 10**6


def test_a_summary_has_one_key_for_a_name_that_regions_spell_differently(services: Services) -> None:
    for region, spelling in enumerate(CAFE):
        send(services, 1, 0, spelling, region=f"region {region}")
    (total,) = daily_sums.sum_days(services, "service", {}, date(2025, 1, 1), date(2026, 1, 1))
    assert (total.key, total.entries) == (min(CAFE), 5)


def test_a_policy_covers_every_spelling_of_names_and_tags(services: Services) -> None:
    policies.put(services, Policy("policy", match={"service": "CAF*"}, tags={"team": "Search"}, threshold=50.0))
    for day, amount in enumerate([10, 11, 10, 900]):
        send(services, amount, day, tags={"\u200bTEAM ": "sea\u00adrch"})  # type: ignore[arg-type]
    judge_all(services)
    assert {cost.verdict.threshold for cost in bills.costs(services) if cost.verdict} == {50.0}


def test_a_bill_and_ingest_name_one_series(services: Services) -> None:
    load(services, bills.focus(row(0, "Café", 1, SubAccountId="PROD ", RegionId="")))
    (cost,) = bills.costs(services)
    series = replace(cost.entry.series, service=CAFE[2].lower(), account="prod")
    ingest.ingest(services, [Entry(series, 2 * 10**6, START)])
    assert len(lookup.list_series(services, everything()).rows) == 1
    sound(services)


def test_accounts_and_services_that_a_bill_spells_in_two_ways_lose_nothing(services: Services) -> None:
    one = row(0, "Café", 1, BillingAccountId="ACME", SubAccountId="Prod")
    other = row(0, "CAFE\u0301", 2, BillingAccountId=" acme", SubAccountId="prod")
    load(services, bills.focus(one, other, row(1, "Café", 4, BillingAccountId="acme", SubAccountId="prod")))
    assert sum(bills.sums(services).values()) == 7 * 10**6
    assert len(lookup.list_series(services, everything()).rows) == 1
    sound(services)


def test_a_later_bill_in_another_spelling_replaces_the_first(services: Services) -> None:
    load(services, bills.focus(row(0, "Café", 1, BillingAccountId="ACME"), row(0, "x", 5, BillingAccountId="ACME")))
    found = load(services, bills.focus(row(0, "CAFÉ", 3, BillingAccountId="acme ")))
    assert counts(found) == (0, 1, 1, 0)
    assert sum(bills.sums(services).values()) == 3 * 10**6
    sound(services)


def test_a_service_that_shows_nothing_is_unknown_in_a_bill(services: Services) -> None:
    load(services, bills.focus(row(0, "\u200b", 1)))
    assert [cost.entry.series.service for cost in bills.costs(services)] == ["unknown"]


def test_spellings_of_a_name_too_long_for_an_entry_are_cut_alike(services: Services) -> None:
    long = "É" * 300
    load(services, bills.focus(row(0, long, 1), row(1, long.lower(), 1), row(2, "E\u0301" * 300, 1)))
    load(services, bills.focus(row(3, "E\u0301" * 150, 1), row(4, "é" * 150, 1)))
    assert len(lookup.list_series(services, everything()).rows) == 2


def test_a_series_without_entries_is_found_by_no_spelling_and_comes_back_in_the_new_one(services: Services) -> None:
    load(services, bills.focus(row(0, CAFE[0], 1)))
    lifecycle.forget(services, "1")
    asked = Query(series={"service": CAFE[2]})
    assert lookup.list_series(services, asked).rows == []
    load(services, bills.focus(row(0, CAFE[2], 1)))
    (found,) = lookup.list_series(services, asked).rows
    assert found.series.service == CAFE[2]
