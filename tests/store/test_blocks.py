"""Entries from a store with other partitions: two of one partition may have the same number."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.judging import Status, Verdict
from kumo.store import blocks, client, codec, entries, entry_codec, feed, retention, scopes, watermarks
from kumo.store.client import Store
from kumo.store.feed import Slice
from kumo.store.scopes import Place, PlannedEntry

FIRST, SECOND = Series("AWS EC2", "USD"), Series("S3", "EUR")
SCOPE = "0123456789abcdef0123"
NUMBER, MOVED = 3, 2000
NAMES = [(FIRST.id, NUMBER), (SECOND.id, NUMBER)]
VERDICT = Verdict(
    status=Status.NORMAL, amount=7, n=0, mean=None, stddev=None, z=None, score=None, threshold=3.0, detector="zscore"
)


@pytest.fixture
def store(redis_url: str) -> Store:
    """Return a store to whose one partition both series came with an entry of the same number."""
    made = client.build(client.connect(redis_url), partitions=1, window=5)
    partition = made.partitions[0]
    for name in (partition.seq, partition.cursor, partition.moved):
        made.client.set(name, MOVED)
    for amount, series in enumerate((FIRST, SECOND), start=10):
        made.client.hset(partition.series, series.id, codec.series_json(series))
        made.client.zadd(partition.entries + series.id, {f"{NUMBER:010x}:{amount}": 1000})
        external = scopes.external_id(SCOPE, 1000)
        made.client.hset(partition.external + series.id, external, NUMBER)
        made.client.hset(partition.scope + SCOPE, f"{series.id}:1000", f"{NUMBER} 1 1")
        for family, text in ((partition.details, f'{amount} "{external}"'), (partition.verdicts, _packed(amount))):
            key, field = blocks.place(family, series.id, NUMBER, MOVED)
            made.client.hset(key, field, text)
    scopes.claim(made, 1, [SCOPE], since=0)
    return made


def _packed(amount: int) -> bytes:
    return codec.pack_verdict(
        Verdict(
            status=Status.NORMAL,
            amount=amount,
            n=0,
            mean=None,
            stddev=None,
            z=None,
            score=None,
            threshold=3.0,
            detector="zscore",
        )
    )


def amounts(store: Store) -> list[int | None]:
    return [entry_codec.read_amount(text) if text else None for text in entries.read_details(store, NAMES)]


def judged_amounts(store: Store) -> list[int | None]:
    return [verdict.amount if verdict else None for verdict in entries.verdicts(store, NAMES)]


def restated(amount: int) -> Entry:
    return Entry(FIRST, amount, 1000, external_id=scopes.external_id(SCOPE, 1000))


def test_each_is_read_with_its_own_fact_and_verdict(store: Store) -> None:
    assert (amounts(store), judged_amounts(store)) == ([10, 11], [10, 11])
    assert [place.timestamp for place in entries.locate(store, NAMES) if place] == [1000, 1000]


def test_one_is_restated_and_the_other_is_not(store: Store) -> None:
    [row], _ = entries.record(store, store.partitions[0], [(FIRST.id, restated(99))])
    assert (row.outcome, row.arrival, amounts(store)) == ("restated", MOVED + 1, [99, 11])


def test_one_is_judged_again_and_the_other_keeps_its_verdict(store: Store) -> None:
    entries.record(store, store.partitions[0], [(FIRST.id, restated(99))])
    cursor, [record] = feed.pending(store, store.partitions[0], 10)
    name = (record.series_id, record.entry_seq)
    judged = Slice(verdicts={name: VERDICT}, times={name: record.timestamp})
    assert feed.commit(store, store.partitions[0], cursor, record.seq, judged) == 0
    assert judged_amounts(store) == [7, 11]


def test_one_is_removed_and_the_other_stays(store: Store) -> None:
    scopes.replace(store, store.partitions[0], 1, [PlannedEntry(SCOPE, Place(FIRST.id, 1000), None)])
    assert amounts(store) == [None, 11]


def test_both_are_forgotten_by_age(store: Store) -> None:
    watermarks.release(store, 1)
    assert retention.remove_old(store, DAY_MS) == 2
    assert (amounts(store), judged_amounts(store)) == ([None, None], [None, None])
    left = {key.decode() for key in store.client.scan_iter("*details*")}
    assert left | {key.decode() for key in store.client.scan_iter("*verdicts*")} == set()


def test_what_arrives_later_stands_in_blocks_of_arrivals(store: Store) -> None:
    entries.record(store, store.partitions[0], [(SECOND.id, Entry(SECOND, 5, 2000))])
    assert store.client.hget(f"{store.partitions[0].details}{(MOVED + 1) // 128}", (MOVED + 1) % 128) == b"5"
    assert entries.read_details(store, [(SECOND.id, MOVED + 1)]) == [b"5"]
