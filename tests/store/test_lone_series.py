"""A group of one series is told apart from one of several, whatever its names are."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ACCOUNT_SERVICE, ALL, Group, groups_of_series
from kumo.engine import ingest
from kumo.services import Services
from kumo.store.lone_series import find_lone_series

ALONE = Series("S3", "USD", account="Café", region="eu")
NAMELESS = Series("Lambda", "USD")
PAIR = (Series("EC2", "USD", account="prod", region="eu"), Series("EC2", "USD", account="prod", region="us"))

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")


def find(services: Services, *groups: Group) -> dict[Group, str]:
    found = find_lone_series(services.store, {group.id: group for group in groups})
    return {group: found[group.id] for group in groups if group.id in found}


@pytest.fixture(autouse=True)
def recorded(services: Services) -> None:
    services.check_layout()
    several = (ALONE, NAMELESS, *PAIR, Series("EC2", "EUR", account="prod"))
    ingest.ingest(services, [Entry(series, 1, DAY_MS, tags={"team": "ml"}) for series in several])


def test_a_group_of_one_series_has_it(services: Services) -> None:
    account, service = Group("account", ("CAFE\u0301",), "USD"), Group("service", ("S3",), "USD")
    both = Group(ACCOUNT_SERVICE, ("Café", "S3"), "USD")
    assert find(services, account, service, both) == dict.fromkeys((account, service, both), ALONE.id)
    assert find(services, Group("account", ("",), "USD")) == {Group("account", ("",), "USD"): NAMELESS.id}


def test_the_same_name_in_another_currency_is_another_group(services: Services) -> None:
    euro = Group(ALL, (), "EUR")
    assert find(services, euro, Group(ALL, (), "USD")) == {euro: Series("EC2", "EUR", account="prod").id}


def test_groups_of_several_series_unknown_ones_and_tags_have_none(services: Services) -> None:
    tag = Group("tag:team", ("ml",), "EUR")
    assert find(services, *groups_of_series(PAIR[0])[2:4], Group("account", ("unknown",), "USD"), tag) == {}
