"""How far the retention may reach, and has reached, according to the scripts."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.store import client, entries, keys, retention, scopes, watermarks
from kumo.store.client import Store
from kumo.store.entries import PastRetention
from kumo.store.scopes import Overtaken, Place, PlannedEntry
from tests.clocks import StoreClock

SERIES = Series("AWS EC2", "USD")
SCOPE, OTHER = "0123456789abcdef0123", "1123456789abcdef0123"


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=2, window=5)


def bounds(store: Store) -> set[int]:
    return set(watermarks.bounds(store, 50 * DAY_MS).values())


def recorded(store: Store, *days: int) -> None:
    """Record an entry of each day, which counts as judged."""
    partition = store.partition(SERIES.id)
    entries.record(store, partition, [(SERIES.id, Entry(SERIES, 1, day * DAY_MS)) for day in days])
    store.client.set(partition.cursor, store.client.get(partition.seq))


def entry(day: int, amount: int = 1) -> Entry:
    """Return an entry of a bill on a day."""
    start = day * DAY_MS
    return Entry(SERIES, amount, start, external_id=scopes.external_id(SCOPE, start))


def swept(store: Store, day: int) -> int:
    store.client.delete(keys.SWEPT)
    return retention.remove_old(store, day * DAY_MS)


def test_the_retention_stays_out_of_the_days_of_every_import_until_it_is_over(store: Store) -> None:
    assert bounds(store) == {50 * DAY_MS}
    scopes.claim(store, 1, [SCOPE], 40 * DAY_MS)
    scopes.claim(store, 2, [OTHER], 30 * DAY_MS)
    assert bounds(store) == {30 * DAY_MS}
    watermarks.release(store, 2)
    assert bounds(store) == {40 * DAY_MS}
    watermarks.release(store, 1)
    assert bounds(store) == {50 * DAY_MS}


def test_one_that_is_overtaken_keeps_its_days_no_more(store: Store) -> None:
    scopes.claim(store, 1, [SCOPE], 30 * DAY_MS)
    scopes.claim(store, 2, [SCOPE], 40 * DAY_MS)
    assert bounds(store) == {40 * DAY_MS}
    with pytest.raises(Overtaken):
        scopes.claim(store, 1, [SCOPE], 30 * DAY_MS)
    assert bounds(store) == {40 * DAY_MS}


def test_one_that_claims_again_and_again_keeps_its_days_for_a_week_after_each(store: Store) -> None:
    clock = StoreClock(store)
    scopes.claim(store, 1, [SCOPE], 30 * DAY_MS)
    clock.pass_by(6 * 86_400)
    scopes.claim(store, 2, [OTHER], 40 * DAY_MS)
    clock.pass_by(2 * 86_400)
    assert bounds(store) == {40 * DAY_MS}
    assert store.client.hkeys(store.partitions[0].importing) == [b"2"]
    assert 0 < store.client.ttl(store.partitions[0].importing) <= 7 * 86_400


def test_a_watermark_rises_with_the_first_entry_that_goes_and_never_falls(store: Store) -> None:
    partition = store.partition(SERIES.id)
    recorded(store, 10, 20)
    assert (swept(store, 5), watermarks.highest(store)) == (0, 0)
    assert (swept(store, 15), watermarks.read(store)[partition]) == (1, 15 * DAY_MS)
    store.client.zadd(partition.entries + SERIES.id, {f"{1:010x}:1": 3 * DAY_MS})
    store.client.hset(f"{partition.details}0", 1, "1")
    assert (swept(store, 5), watermarks.read(store)[partition]) == (1, 15 * DAY_MS)
    assert (swept(store, 25), watermarks.read(store)[partition]) == (1, 25 * DAY_MS)
    assert sorted(watermarks.read(store).values()) == [0, 25 * DAY_MS]


def test_what_is_not_judged_yet_raises_no_watermark(store: Store) -> None:
    entries.record(store, store.partition(SERIES.id), [(SERIES.id, Entry(SERIES, 1, 10 * DAY_MS))])
    assert (swept(store, 15), watermarks.highest(store)) == (0, 0)


def test_the_script_itself_stays_out_of_the_days_of_an_import_that_begins_meanwhile(store: Store) -> None:
    recorded(store, 10, 20)
    partition = store.partition(SERIES.id)
    scopes.claim(store, 1, [SCOPE], 15 * DAY_MS)
    assert retention._remove_entries(store, partition, SERIES.id, 25 * DAY_MS) == 1
    assert watermarks.read(store)[partition] == 15 * DAY_MS


def test_replace_passes_over_what_is_too_old(store: Store) -> None:
    partition = store.partition(SERIES.id)
    scopes.claim(store, 1, [SCOPE], 0)
    rows = {day: PlannedEntry(SCOPE, Place(SERIES.id, day * DAY_MS), entry(day)) for day in (10, 11)}
    scopes.replace(store, partition, 1, [rows[10]])
    store.client.set(partition.retention, 11 * DAY_MS)
    before = {key: store.client.dump(key) for key in store.client.scan_iter()}
    scopes.replace(store, partition, 1, [PlannedEntry(SCOPE, rows[10].place, None)])
    scopes.replace(store, partition, 1, [PlannedEntry(SCOPE, rows[10].place, entry(10, amount=7))])
    scopes.replace(store, partition, 1, [PlannedEntry(SCOPE, Place(SERIES.id, 9 * DAY_MS), entry(9))])
    assert {key: store.client.dump(key) for key in store.client.scan_iter()} == before
    scopes.replace(store, partition, 1, [rows[11]])
    assert store.client.zcard(partition.entries + SERIES.id) == 2


def test_record_names_the_entry_that_is_too_old_and_writes_nothing(store: Store) -> None:
    recorded(store, 10)
    swept(store, 15)
    partition = store.partition(SERIES.id)
    before = {key: store.client.dump(key) for key in store.client.scan_iter()}
    rows = [(SERIES.id, Entry(SERIES, 1, day * DAY_MS)) for day in (15, 14)]
    with pytest.raises(PastRetention) as refused:
        entries.record(store, partition, rows)
    assert (refused.value.place, refused.value.watermark) == (1, 15 * DAY_MS)
    assert {key: store.client.dump(key) for key in store.client.scan_iter()} == before
