"""Room for uploads: never more than the limit, with any number of rivals, and released without help."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kumo.store import client, keys, room
from kumo.store.client import Store
from kumo.store.room import Others


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


def test_of_a_hundred_that_ask_at_once_as_many_get_room_as_there_is(store: Store) -> None:
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda number: room.reserve(store, f"token {number}", 10, 55), range(100)))
    assert answers.count(None) == 5
    assert set(answers) == {None, Others(50, 5)}
    assert store.client.zcard(keys.UPLOADS_ROOM) == 5


def test_room_can_be_made_smaller_and_larger_as_far_as_there_is_any(store: Store) -> None:
    assert room.reserve(store, "a", 40, 100) is None
    assert room.reserve(store, "b", 70, 100) == Others(40, 1)
    assert room.reserve(store, "a", 30, 100) is None
    assert room.reserve(store, "b", 70, 100) is None
    assert room.reserve(store, "a", 31, 100) == Others(70, 1)
    assert set(store.client.zrange(keys.UPLOADS_ROOM, 0, -1)) == {b"a:30", b"b:70"}


def test_what_is_reserved_stays_so_where_the_limit_is_lower_by_now(store: Store) -> None:
    assert room.reserve(store, "a", 40, 100) is None
    assert room.reserve(store, "a", 40, 10, 5000) is None
    assert store.client.pttl(keys.UPLOADS_ROOM) > 4_000_000


def test_there_are_never_more_uploads_than_may_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_UPLOADS", 2)
    assert [room.reserve(store, token, 1, 100) for token in "abc"] == [None, None, Others(2, 2)]


def test_room_is_given_back(store: Store) -> None:
    room.reserve(store, "a", 40, 100)
    for _ in range(2):
        room.release(store, "a", 40)
    assert room.reserve(store, "b", 100, 100) is None


def test_room_that_nobody_gives_back_ends_by_itself(store: Store) -> None:
    room.reserve(store, "a", 40, 100, 1)
    assert 0 < store.client.pttl(keys.UPLOADS_ROOM) <= 1000
    seconds, micros = store.client.time()
    store.client.zadd(keys.UPLOADS_ROOM, {"a:40": seconds * 1000 + micros // 1000 - 1})
    assert room.reserve(store, "b", 100, 100) is None
    assert store.client.zrange(keys.UPLOADS_ROOM, 0, -1) == [b"b:100"]


def test_room_does_not_outlast_a_clock_that_has_stepped_back(store: Store) -> None:
    room.reserve(store, "a", 40, 100, 10**6)
    room.reserve(store, "b", 40, 100)
    left = store.client.zscore(keys.UPLOADS_ROOM, "a:40") / 1000 - store.client.time()[0]
    assert left <= room.KEPT_SECONDS + 1
