"""How arrivals are numbered on in a store that is filled from another: from the highest number, counted once."""

import pytest

from kumo.store import client, heads, totals
from kumo.store.client import Store
from kumo.store.filling import Filling
from kumo.store.heads import Heads

THREE = Heads({0: 5, 1: 9, 2: 0})


@pytest.mark.parametrize(
    ("before", "partitions", "after"),
    [
        (THREE, 3, THREE),
        # Entries of several partitions meet.
        (THREE, 2, Heads({0: 9, 1: 9}, moved=9, skipped=4)),
        (THREE, 1, Heads({0: 9}, moved=9, skipped=-5)),
        # Those of one partition spread over two.
        (THREE, 6, Heads(dict.fromkeys(range(6), 9), moved=0, skipped=40)),
        (Heads({0: 30}, moved=20, skipped=7), 2, Heads({0: 30, 1: 30}, moved=20, skipped=37)),
        (Heads({0: 30, 1: 40}, moved=20, skipped=7), 3, Heads(dict.fromkeys(range(3), 40), moved=40, skipped=57)),
    ],
)
def test_numbers_go_on_from_the_highest_and_stay_apart(before: Heads, partitions: int, after: Heads) -> None:
    assert before.into(partitions) == after


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=2, window=5)


def test_arrivals_are_counted_on_through_a_restore(store: Store) -> None:
    Filling(store, THREE).finish()
    assert heads.read(store) == THREE.into(2)
    assert totals.count(store)[:2] == (14, 14)
    store.client.incr(store.partitions[1].seq)
    assert totals.count(store)[:2] == (15, 14)
