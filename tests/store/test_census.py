"""Which groups are judged, and the totals that a census reads."""

import pytest

from kumo.domain.groups import ACCOUNT, SERVICE, Group
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import census
from kumo.store.census import Chosen
from tests.engine.totals.spending import series_of, spend

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

FIRST = 20_470  # a block of days ends in between
ACCOUNT_0 = Group(ACCOUNT, ("account 0",), "USD").id


def test_a_census_replaces_the_one_before_and_marks_what_begins_to_be_judged(services: Services) -> None:
    store, home = services.store, services.store.partitions[0]
    assert census.replace(store, home, Chosen(["a", "b"], ["c"])) == 2
    assert census.read(store, home, ["a", "b", "c", "d"]) == {"a": True, "b": True, "c": False}
    store.client.delete(home.unfolded)
    assert census.replace(store, home, Chosen(["a", "c"], ["d"])) == 1
    assert census.read(store, home, ["a", "b", "c", "d"]) == {"a": True, "c": True, "d": False}
    assert store.client.zrange(home.unfolded, 0, -1, withscores=True) == [(b"c", 0.0)]
    assert store.client.get(home.version) == b"2"


def test_a_census_that_changes_nothing_stops_no_judge(services: Services) -> None:
    store, home = services.store, services.store.partitions[0]
    assert census.replace(store, home, Chosen([], [])) == 0
    assert store.client.get(home.version) is None
    for begun in (1, 0):
        assert census.replace(store, home, Chosen(["a"], ["c"])) == begun
        assert store.client.get(home.version) == b"1"
    assert census.read(store, home, []) == {}


def test_the_day_of_the_last_census_is_kept(services: Services) -> None:
    assert census.find_day(services.store) is None
    census.save_day(services.store, 20_000)
    assert census.find_day(services.store) == 20_000


def test_series_are_listed_once_with_their_groups_and_without_excluded_ones(services: Services) -> None:
    days = dict.fromkeys(range(FIRST, FIRST + 3), 1.0)
    ingest.ingest(services, [*spend(0, days), *spend(1, days), *spend(2, days, charge_category="tax")])
    found = {series.id: series for series in census.list_series(services.store)}
    assert found.keys() == {series_of(0).id, series_of(1).id}
    one = found[series_of(0).id]
    assert (one.currency, one.newest // 86_400_000, len(one.groups)) == ("USD", FIRST + 2, 6)
    assert ACCOUNT_0 in one.groups


def test_groups_are_listed_by_dimension(services: Services) -> None:
    ingest.ingest(services, [entry for number in range(12) for entry in spend(number, {FIRST: 1.0})])
    found = census.list_groups(services.store, SERVICE)
    assert sorted(group.value for group in found.values()) == [(f"service {number}",) for number in range(8)]
    assert found.keys() == {group.id for group in found.values()}
