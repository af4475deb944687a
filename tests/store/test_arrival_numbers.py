"""How arrivals are numbered on in a store that is filled from another: from the highest number, counted once."""

import pytest

from kumo.store import arrival_numbers, client, totals
from kumo.store.arrival_numbers import ArrivalNumbers
from kumo.store.client import Store
from kumo.store.restore_writer import RestoreWriter

THREE = ArrivalNumbers({0: 5, 1: 9, 2: 0})


@pytest.mark.parametrize(
    ("before", "partitions", "after"),
    [
        (THREE, 3, THREE),
        # Entries of several partitions meet.
        (THREE, 2, ArrivalNumbers({0: 9, 1: 9}, moved=9, skipped=4)),
        (THREE, 1, ArrivalNumbers({0: 9}, moved=9, skipped=-5)),
        # Those of one partition spread over two.
        (THREE, 6, ArrivalNumbers(dict.fromkeys(range(6), 9), moved=0, skipped=40)),
        (ArrivalNumbers({0: 30}, moved=20, skipped=7), 2, ArrivalNumbers({0: 30, 1: 30}, moved=20, skipped=37)),
        (
            ArrivalNumbers({0: 30, 1: 40}, moved=20, skipped=7),
            3,
            ArrivalNumbers(dict.fromkeys(range(3), 40), moved=40, skipped=57),
        ),
    ],
)
def test_numbers_go_on_from_the_highest_and_stay_apart(
    before: ArrivalNumbers, partitions: int, after: ArrivalNumbers
) -> None:
    assert before.into(partitions) == after


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=2, window=5)


def test_arrivals_are_counted_on_through_a_restore(store: Store) -> None:
    RestoreWriter(store, THREE).finish()
    assert arrival_numbers.read(store) == THREE.into(2)
    assert totals.count(store)[:2] == (14, 14)
    store.client.incr(store.partitions[1].seq)
    assert totals.count(store)[:2] == (15, 14)
