"""Each script alone: what it returns, what it leaves, and which call wins when a hundred run at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from kumo import outages
from kumo.domain.entries import Entry, Series
from kumo.errors import StoreUnsafeError
from kumo.store import client, entries, feed, keys, leases, scripts
from kumo.store.client import Store
from kumo.store.entries import TimestampConflict

SERIES = Series("AWS EC2", "USD")


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


def record(store: Store, *rows: Entry, once: str | None = None) -> tuple[list[entries.Recorded], bool]:
    return entries.record(store, store.partition(SERIES.id), [(row.series.id, row) for row in rows], once)


def entry(amount: int = 1, time: int = 1000, name: str = "") -> Entry:
    return Entry(SERIES, amount, time, external_id=name)


def contents(store: Store) -> dict[bytes, bytes]:
    return {key: store.client.dump(key) for key in store.client.scan_iter()}


def at_once(count: int, work: object, *args: object) -> list[object]:
    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(work, *args) for _ in range(count)]]  # type: ignore[arg-type]


def test_record_wakes_a_judge_once(store: Store) -> None:
    assert [record(store, entry())[1] for _ in range(3)] == [True, False, False]
    feed.clear_wake(store, store.partition(SERIES.id))
    assert record(store, entry())[1]


def test_record_writes_nothing_on_a_conflict(store: Store) -> None:
    record(store, entry(name="bill"))
    before = contents(store)
    with pytest.raises(TimestampConflict) as caught:
        record(store, entry(), entry(time=2000, name="bill"), once="k")
    assert (caught.value.place, caught.value.stored) == (1, 1000)
    assert contents(store) == before


@pytest.mark.server  # which can be full
def test_record_on_a_full_server_writes_nothing(store: Store) -> None:
    record(store, entry())
    store.client.config_set("maxmemory-policy", "noeviction")
    before = contents(store)
    store.client.config_set("maxmemory", 1)
    try:
        with pytest.raises(Exception, match="memory") as caught:
            record(store, entry(), once="k")
        assert outages.unavailable(caught.value) is not None  # type: ignore[arg-type]
    finally:
        store.client.config_set("maxmemory", 0)
    assert contents(store) == before


def test_release_leaves_what_passed_to_another(store: Store) -> None:
    leases.take(store, keys.SWEEP, "second", 5000)
    leases.release(store, keys.SWEEP, "first")
    assert not leases.take(store, keys.SWEEP, "third", 5000)
    leases.release(store, keys.SWEEP, "second")
    assert leases.take(store, keys.SWEEP, "third", 5000)


def test_a_store_of_another_layout_or_of_other_partitions_is_refused(redis_client: Redis, redis_url: str) -> None:
    store = client.build(client.connect(redis_url), 4, 5)
    client.check_layout(store)
    client.check_layout(store)
    with pytest.raises(StoreUnsafeError, match="KUMO_PARTITIONS=4"):
        client.check_layout(client.build(client.connect(redis_url), 8, 5))
    redis_client.hset(keys.LAYOUT, "version", client.LAYOUT_VERSION + 1)
    with pytest.raises(StoreUnsafeError, match="upgrade"):
        client.check_layout(store)
    redis_client.hset(keys.LAYOUT, "version", client.LAYOUT_VERSION - 1)
    with pytest.raises(StoreUnsafeError, match="the version that filled it"):
        client.check_layout(store)


def test_parts_are_put_where_a_script_includes_them() -> None:
    text = scripts.source("record")
    assert "-- include:" not in text
    parts = ["split_amount", "window", "open_feed"]
    places = [text.index(f"local function {part}(") for part in parts]
    assert places == sorted(places)
    assert text.count("local function split_amount(") == 1
