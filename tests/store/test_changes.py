"""Hints of changed groups: who leaves them, where, and which of them are settled."""

from collections.abc import Mapping

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series, partition_of
from kumo.domain.groups import groups_of_series
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import changes, feed, keys, scopes, sharing
from kumo.store.changes import Cells
from kumo.store.scopes import Place, PlannedEntry
from tests.clocks import StoreClock
from tests.groups import strip_groups

TODAY = 20_240
SERIES = Series("EC2", "USD", account="prod")
IDS = {group.id for group in groups_of_series(SERIES)}
SCOPE = "0123456789abcdef0123"

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4", KUMO_TAG_KEYS="none")


@pytest.fixture
def services(services: Services) -> Services:
    services.check_layout()
    StoreClock(services.store).set(TODAY * DAY_MS + 1)
    return services


def record(services: Services, day: int, amount: int = 1, name: str = "") -> None:
    ingest.ingest(services, [Entry(SERIES, amount, day * DAY_MS, external_id=name)])


def read(services: Services) -> dict[str, Cells]:
    """Return what the hints of all homes say; each group must be named in its own home."""
    found: dict[str, Cells] = {}
    for home in services.store.partitions:
        cells = changes.read(services.store, home, 1_000).cells
        assert {partition_of(group_id, 4) for group_id in cells} <= {home.number}
        found.update(cells)
    return found


def settle(services: Services) -> None:
    for home in services.store.partitions:
        changes.settle(services.store, home, changes.read(services.store, home, 1_000))


def counted(services: Services) -> Mapping[int, int]:
    return {home: number for home, number in changes.count(services.store).items() if number}


def test_a_recorded_cost_leaves_a_hint_for_each_of_its_groups(services: Services) -> None:
    record(services, TODAY)
    assert read(services) == {group_id: Cells({TODAY}, set()) for group_id in IDS}
    assert sum(counted(services).values()) == len(IDS)


@pytest.mark.parametrize(
    ("day", "cells"),
    [
        (TODAY + 1, Cells({TODAY + 1}, set())),
        (TODAY - 7, Cells({TODAY - 7}, set())),
        (TODAY - 8, Cells(set(), {(TODAY - 8) // 256})),
        (0, Cells(set(), {0})),
    ],
)
def test_recent_days_are_named_and_older_ones_by_their_block(services: Services, day: int, cells: Cells) -> None:
    record(services, day)
    assert read(services) == dict.fromkeys(IDS, cells)


def test_a_restatement_leaves_a_hint_and_a_repeat_does_not(services: Services) -> None:
    record(services, TODAY, 5, "bill-1")
    settle(services)
    record(services, TODAY, 5, "bill-1")
    assert read(services) == {}
    record(services, TODAY, 6, "bill-1")
    assert read(services).keys() == IDS


def test_an_entry_of_a_bill_is_marked_as_imported_and_its_removal_leaves_a_hint(services: Services) -> None:
    partition = services.store.partition(SERIES.id)
    start = TODAY * DAY_MS
    scopes.claim(services.store, 1, [SCOPE], start)
    for entry in (Entry(SERIES, 7, start, external_id=scopes.external_id(SCOPE, start)), None):
        settle(services)
        scopes.replace(services.store, partition, 1, [PlannedEntry(SCOPE, Place(SERIES.id, start), entry)])
        assert read(services).keys() == IDS
    record(services, TODAY)
    assert [row.imported for row in feed.pending(services.store, partition, 10)[1]] == [True, True, False]


def test_series_that_groups_lack_leave_hints_of_blocks(services: Services) -> None:
    record(services, TODAY)
    settle(services)
    strip_groups(services.store)
    assert sharing.share(services.store, 100, TODAY)
    assert read(services) == {group_id: Cells(set(), {TODAY // 256}) for group_id in IDS}
    settle(services)
    assert counted(services) == {}


def test_a_hint_that_was_left_again_is_not_settled(services: Services) -> None:
    record(services, TODAY)
    known = {home: changes.read(services.store, home, 1_000) for home in services.store.partitions}
    record(services, TODAY)
    for home, found in known.items():
        changes.settle(services.store, home, found)
    assert read(services).keys() == IDS


def test_a_series_that_is_shared_after_its_hint_was_read_leaves_another(services: Services) -> None:
    record(services, TODAY - 100)
    known = {home: changes.read(services.store, home, 1_000) for home in services.store.partitions}
    strip_groups(services.store)
    sharing.share(services.store, 100, TODAY)
    for home, found in known.items():
        changes.settle(services.store, home, found)
    first = read(services)
    known = {home: changes.read(services.store, home, 1_000) for home in services.store.partitions}
    strip_groups(services.store)
    services.store.client.hdel(keys.LAYOUT, keys.SHARED)
    sharing.share(services.store, 100, TODAY)
    for home, found in known.items():
        changes.settle(services.store, home, found)
    assert first.keys() == read(services).keys() == IDS


def test_the_oldest_hints_come_first(services: Services) -> None:
    for day in (TODAY, TODAY - 1, TODAY - 2, TODAY):
        record(services, day)
    found = [changes.read(services.store, home, 1).cells for home in services.store.partitions]
    assert {day for cells in found for each in cells.values() for day in each.days} <= {TODAY - 1}
