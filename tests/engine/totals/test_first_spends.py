"""What is a first spend, from the totals in the store, and under which name."""

from collections.abc import Mapping

import pytest

from kumo.domain.entries import Entry
from kumo.domain.groups import (
    ACCOUNT,
    DIMENSIONS,
    REGION,
    Group,
    groups_of_series,
)
from kumo.engine import ingest
from kumo.engine.totals import first_spends
from kumo.services import Services
from kumo.store import census, groups
from tests.engine.totals.combining import combine
from tests.engine.totals.spending import UNIT, series_of, spend

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

TODAY = 20_481
BEFORE = range(TODAY - 12, TODAY)
LIMIT = 20 * UNIT
USUAL = {"service": "db", "account": "prod", "region": "north"}


def record(services: Services, *entries: Entry) -> None:
    ingest.ingest(services, entries)
    combine(services)


def fill(services: Services, *entries: Entry) -> None:
    """Record a usual series, and more."""
    record(services, *spend(0, dict.fromkeys([*BEFORE, TODAY], 1000.0), **USUAL), *entries)


def find(services: Services) -> set[str]:
    """Return the names of what is a first spend today, of all that has costs."""
    names = {each.id: each.id for each in census.list_series(services.store)}
    for dimension in DIMENSIONS:
        listed = census.list_groups(services.store, dimension).items()
        names |= {group_id: f"{dimension} {'/'.join(group.value)}" for group_id, group in listed}
    totals = groups.read_totals(services.store, list(names), TODAY, TODAY)
    spent = {thing: {day: total.judged.micros for day, total in days.items()} for thing, days in totals.items()}
    return {
        names[thing] for thing, days in first_spends.find(services, lambda _: LIMIT, spent).items() if days == [TODAY]
    }


@pytest.mark.parametrize(
    ("entries", "names"),
    [
        (spend(1, {TODAY: 50.0}, **USUAL | {"account": "rogue"}), {"account rogue"}),
        (spend(1, {TODAY: 50.0}, **USUAL | {"region": "mars"}), {"region mars"}),
        (spend(1, {TODAY: 50.0}, **USUAL | {"service": "gpu"}), {"service gpu"}),
        (spend(1, {TODAY: 50.0}, **USUAL | {"provider": "GCP"}), {"provider GCP"}),
        (spend(1, {TODAY: 20.0}, **USUAL | {"account": "rogue"}), set()),  # not above the limit
        (spend(1, {TODAY: 50.0}, **USUAL | {"account": "Prod "}), set()),  # another spelling of what is known
        (spend(1, {TODAY: 50.0}, account="a", service="s", region="r", provider="p"), {"provider p"}),
        (
            [
                entry
                for n in range(8)
                for entry in spend(n, {TODAY: 10.0}, account="rogue", service=f"s{n}", region="north")
            ],
            {"account rogue"},  # no service of it is above the limit
        ),
        (
            [
                *spend(1, {TODAY: 50.0}, **USUAL | {"account": "rogue"}),
                *spend(2, {TODAY: 50.0}, **USUAL | {"region": "mars"}),
            ],
            {"account rogue", "region mars"},
        ),
        (
            [
                *spend(1, {TODAY: 50.0}, **USUAL | {"account": "rogue", "region": "mars"}),
                *spend(2, {TODAY: 15.0}, **USUAL | {"region": "mars"}),
            ],
            {"account rogue"},  # the rest of the region is below the limit
        ),
        (
            [
                *spend(1, {TODAY: 50.0}, **USUAL | {"account": "rogue", "region": "mars"}),
                *spend(2, {TODAY: 25.0}, **USUAL | {"region": "mars"}),
            ],
            {"account rogue", "region mars"},
        ),
        (spend(1, {TODAY: 900.0}, **USUAL | {"account": "rogue", "charge_category": "tax"}), set()),
    ],
)
def test_what_is_new_is_named_by_its_broadest_new_name(
    services: Services, entries: list[Entry], names: set[str]
) -> None:
    fill(services, *entries)
    assert find(services) == names


def test_a_pair_is_news_if_account_and_service_are_known(services: Services) -> None:
    known = dict.fromkeys(BEFORE, 1.0)
    fill(services, *spend(1, known, **USUAL | {"service": "gpu", "account": "dev"}))
    record(services, *spend(0, {TODAY: 50.0}, **USUAL | {"service": "gpu"}))
    assert find(services) == {"account,service prod/gpu"}


def test_a_series_is_news_if_only_its_combination_is_new(services: Services) -> None:
    known = dict.fromkeys(BEFORE, 1.0)
    fill(services, *spend(2, known, **USUAL | {"region": "south", "account": "dev"}))
    record(services, *spend(0, {TODAY: 50.0}, **USUAL | {"region": "south"}))
    assert find(services) == {series_of(0, **USUAL | {"region": "south"}).id}


@pytest.mark.parametrize(
    ("earlier", "is_news"),
    [
        ([TODAY - 36], False),
        ([TODAY - 37], True),  # 36 days of silence
        ([TODAY - 800], True),
        ([TODAY - 400, TODAY - 310, TODAY - 220, TODAY - 130], False),  # once a quarter
    ],
)
def test_something_is_new_again_after_a_long_silence(services: Services, earlier: list[int], *, is_news: bool) -> None:
    fill(services, *spend(1, dict.fromkeys([*earlier, TODAY], 50.0), **USUAL | {"region": "mars"}))
    assert find(services) == ({"region mars"} if is_news else set())


def test_a_total_of_a_past_day_is_judged_by_what_was_before_it(services: Services) -> None:
    fill(services, *spend(1, {TODAY - 2: 50.0, TODAY: 60.0}, **USUAL | {"region": "mars"}))
    mars = Group(REGION, ("mars",), "USD").id
    spent = {mars: {TODAY - 2: 50 * UNIT, TODAY: 60 * UNIT}}
    assert first_spends.find(services, lambda _: LIMIT, spent) == {mars: [TODAY - 2]}


def test_without_a_limit_nothing_is_a_first_spend(services: Services) -> None:
    fill(services, *spend(1, {TODAY: 50.0}, **USUAL | {"region": "mars"}))
    spent: Mapping[str, Mapping[int, int]] = {Group(REGION, ("mars",), "USD").id: {TODAY: 50 * UNIT}}
    assert first_spends.find(services, lambda _: None, spent) == {}
    assert first_spends.find(services, lambda _: LIMIT, {series_of(99).id: {TODAY: 50 * UNIT}}) == {}


def test_groups_whose_totals_are_not_combined_yet_are_not_new(services: Services) -> None:
    ingest.ingest(services, spend(0, dict.fromkeys([*BEFORE, TODAY], 1000.0), **USUAL))
    ingest.ingest(services, spend(1, dict.fromkeys(BEFORE, 1.0), **USUAL | {"account": "dev"}))
    new = spend(2, {TODAY: 50.0}, **USUAL | {"account": "dev", "region": "mars"})
    ingest.ingest(services, new)
    account, region = Group(ACCOUNT, ("dev",), "USD").id, Group(REGION, ("mars",), "USD").id
    spent = {each: {TODAY: 50 * UNIT} for each in (account, region, new[0].series.id)}
    assert first_spends.find(services, lambda _: LIMIT, spent) == {region: [TODAY]}


def test_all_judges_agree_whichever_asks_first(services: Services) -> None:
    """The shares count, not the combined totals, which another judge may not have written yet."""
    fill(services)
    new = spend(1, {TODAY: 50.0}, **USUAL | {"account": "rogue"})
    ingest.ingest(services, new)
    spent = {new[0].series.id: {TODAY: 50 * UNIT}}
    assert first_spends.find(services, lambda _: LIMIT, spent) == {}
    account = next(each for each in groups_of_series(new[0].series) if each.dimension == ACCOUNT)
    assert first_spends.find(services, lambda _: LIMIT, {account.id: {TODAY: 50 * UNIT}}) == {account.id: [TODAY]}
