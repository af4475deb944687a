"""When arrivals came, which every one of them keeps until it is judged."""

import pytest

from kumo.domain.entries import Entry, Series
from kumo.domain.feedback import Feedback, Word
from kumo.domain.judging import Arrival
from kumo.domain.moments import EMPTY
from kumo.store import client, entries, feed, feedback
from kumo.store.client import Store

SERIES = Series("AWS EC2", "USD")
START = 1_750_000_000_000


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=1, window=5)


def record(store: Store, amount: int) -> None:
    entry = Entry(SERIES, amount, START, external_id="x")
    entries.record(store, store.partitions[0], [(SERIES.id, entry)], None, 0)


def test_each_arrival_keeps_when_it_came_by_the_store_s_clock(store: Store) -> None:
    before, _ = store.client.time()
    record(store, 10)
    record(store, 20)
    feedback.record(
        store,
        f"{SERIES.id}-0000000001",
        Feedback(Word.PLANNED, "", 0),
        Arrival(seq=1, series_id=SERIES.id, entry_seq=1, timestamp=START, amount=20, baseline=EMPTY),
    )
    after, _ = store.client.time()
    _, arrivals = feed.pending(store, store.partitions[0], 10)
    assert len(arrivals) == 3
    assert all(before * 1000 <= row.arrived_at < (after + 1) * 1000 for row in arrivals)


def test_an_arrival_that_an_older_version_wrote_is_read_and_has_no_age(store: Store) -> None:
    record(store, 10)
    partition = store.partitions[0]
    [(row_id, fields)] = store.client.xrange(partition.pending)
    store.client.delete(partition.pending)
    store.client.xadd(partition.pending, {"r": fields[b"r"]}, row_id)
    assert feed.longest_wait(store) == 0
    _, [read] = feed.pending(store, partition, 10)
    assert (read.amount, read.arrived_at) == (10, 0)
