"""Leases and flags end, also those that Redis would keep for longer than they were given."""

from collections.abc import Callable

import pytest
from redis import Redis

from kumo.store import client, keys, leases
from kumo.store.client import Store

# The effect of a clock that steps back on a time to live, simulated with DUMP and RESTORE.
WRONG: list[Callable[[Redis, str], object]] = [
    lambda redis, key: redis.persist(key),
    lambda redis, key: redis.pexpire(key, 3_600_000),
]


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


@pytest.mark.parametrize("spoil", WRONG)
def test_a_lease_that_would_outlive_its_time_is_cut_to_it(store: Store, spoil: Callable[[Redis, str], object]) -> None:
    leases.take(store, keys.SWEEP, "gone", 4000)
    spoil(store.client, keys.SWEEP)
    assert not leases.take(store, keys.SWEEP, "next", 4000)
    assert 0 < store.client.pttl(keys.SWEEP) <= 4000


@pytest.mark.parametrize("spoil", WRONG)
def test_looking_whether_leases_are_held_cuts_them_too(store: Store, spoil: Callable[[Redis, str], object]) -> None:
    names = [keys.upload_lease(number) for number in range(3)]
    leases.take(store, names[0], "gone", 60_000)
    leases.take(store, names[1], "here", 30_000)
    spoil(store.client, names[0])
    assert leases.check_held(store, names, 60_000) == [True, True, False]
    lives = [store.client.pttl(name) for name in names]
    assert 30_000 < lives[0] <= 60_000
    assert 0 < lives[1] <= 30_000


def test_a_lease_is_left_as_it_is_while_it_has_no_more_than_its_time(store: Store) -> None:
    leases.take(store, keys.SWEEP, "holder", 100)
    assert not leases.take(store, keys.SWEEP, "next", 4000)
    assert store.client.pttl(keys.SWEEP) <= 100
