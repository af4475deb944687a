"""Imports as they are stored, and found by number and by bill."""

from dataclasses import replace

import pytest
from redis import Redis

from kumo.domain.imports import Figures, Import, ImportStatus
from kumo.errors import StoredRowError
from kumo.store import client, imports, keys
from kumo.store.client import Store

ROW = Import(1, "a.csv", fingerprint="f", added=Figures(2, {"USD": "1.5"}), notes=("ü\n",))


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=2, window=5)


def test_numbers_count_up_from_one(store: Store) -> None:
    assert [imports.next_number(store) for _ in range(3)] == [1, 2, 3]


def test_an_import_comes_back_as_it_was_saved(store: Store) -> None:
    imports.save(store, ROW)
    assert imports.find(store, 1) == ROW
    assert imports.find(store, 2) is None


def test_an_import_that_is_announced_again_stays_as_it_is_stored(store: Store) -> None:
    assert imports.announce(store, ROW) == ROW
    assert imports.announce(store, replace(ROW, name="b.csv")) == ROW


def test_imports_are_read_in_the_order_asked_for_without_missing_ones(store: Store) -> None:
    for number in (1, 2, 3):
        imports.save(store, replace(ROW, number=number))
    assert [row.number for row in imports.read(store, [3, 9, 1, 3])] == [3, 1, 3]
    assert imports.read(store, []) == []
    assert sorted(imports.numbers(store)) == [1, 2, 3]
    assert imports.find_statuses(store, [9, 1]) == [ImportStatus.WAITING]


def test_a_bill_is_found_by_its_fingerprint_as_its_last_import(store: Store) -> None:
    assert imports.find_by_bill(store, "f") is None
    for number in (1, 2):
        row = replace(ROW, number=number)
        imports.save(store, row)
        imports.remember_bill(store, row)
    found = imports.find_by_bill(store, "f")
    assert found is not None
    assert found.number == 2


def test_an_import_is_counted_once_in_each_status_in_which_it_ends(store: Store) -> None:
    counts = []
    for status in ImportStatus.WAITING, ImportStatus.RECORDING, ImportStatus.DONE, ImportStatus.FORGOTTEN:
        for _ in range(2):
            imports.save(store, replace(ROW, status=status))
        counts.append(imports.count_ended(store))
    done = {ImportStatus.DONE: 1}
    assert counts == [{}, {}, done, done | {ImportStatus.FORGOTTEN: 1}]


@pytest.mark.parametrize("text", ["", "x", "[]", '{"number": "many"}'])
def test_a_row_that_no_version_writes_is_named(store: Store, redis_client: Redis, text: str) -> None:
    redis_client.hset(keys.IMPORTS, "1", text or " ")
    with pytest.raises(StoredRowError, match=f"{keys.IMPORTS} 1"):
        imports.read(store, [1])
