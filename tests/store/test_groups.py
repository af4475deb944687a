"""Totals of groups in the store: shares of partitions, values by dimension, series that groups lack."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ALL, DIMENSIONS
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import groups, keys
from kumo.store.series import Daily
from tests.groups import strip_groups

DAY = 20_240
USAGE = Series("EC2", "USD", account="prod")
TAX = Series("EC2", "USD", account="prod", charge_category="tax")

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")


@pytest.fixture
def services(services: Services) -> Services:
    services.check_layout()
    return services


def record(services: Services, series: Series, *amounts: int, day: int = DAY) -> None:
    ingest.ingest(services, [Entry(series, amount, day * DAY_MS) for amount in amounts])


def read(services: Services, dimension: str) -> Daily:
    ids = [value.id for value in groups.list_values(services.store, dimension)]
    return sorted(row for _, rows in groups.daily(services.store, ids, DAY - 1, DAY + 300) for row in rows)


def test_a_new_store_is_complete_and_has_no_groups(services: Services) -> None:
    assert groups.are_complete(services.store)
    assert [groups.list_values(services.store, dimension) for dimension in DIMENSIONS] == [[]] * len(DIMENSIONS)


def test_a_total_is_exact_for_the_largest_amounts_of_both_signs(services: Services) -> None:
    record(services, USAGE, 10**18, -(10**18), 10**18, 999_999_999, -1)
    assert read(services, ALL) == [(DAY, 5, 10**18 + 999_999_998)]


def test_costs_that_are_no_usage_have_a_share_of_their_own(services: Services) -> None:
    record(services, USAGE, 5)
    record(services, TAX, 7)
    assert sorted(row for row in read(services, "account")) == [(DAY, 1, 5), (DAY, 1, 7)]


def test_days_of_several_blocks_are_read(services: Services) -> None:
    record(services, USAGE, 1)
    record(services, USAGE, 2, day=DAY + 256)
    assert read(services, "service") == [(DAY, 1, 1), (DAY + 256, 1, 2)]


def test_series_that_groups_lack_are_added_once_in_steps(services: Services) -> None:
    for number in range(10):
        record(services, Series(f"s{number}", "USD"), number)
    strip_groups(services.store)
    steps = 0
    while not groups.share(services.store, 3, DAY):
        steps += 1
    assert steps >= 3
    services.store.client.hdel(keys.LAYOUT, keys.SHARED)
    assert groups.share(services.store, 100, DAY)
    rows = read(services, ALL)
    assert (sum(count for _, count, _ in rows), sum(micros for *_, micros in rows)) == (10, 45)
