"""The client of a cluster: the nodes it asks, and that it never repeats a command that may have run."""

import signal
import time
from collections.abc import Iterator

import pytest
import redis
from redis.exceptions import AskError, TryAgainError

from kumo import outages
from kumo.domain.entries import Entry, Series
from kumo.errors import SettingsError, StoreUnsafeError
from kumo.settings import load
from kumo.store import client, entries
from kumo.store.client import Store
from kumo.store.cluster import Address, Cluster, nodes
from tests.cluster.load import passes
from tests.cluster.nodes import Nodes
from tests.cluster.wire import Wire
from tests.stack import eventually
from tests.store.protocol_calls import CALLS, wrong_answers

SERIES = Series("AWS EC2", "USD")
ENTRY = (SERIES.id, Entry(SERIES, 10**6, 1000))


@pytest.fixture
def store(cluster: Nodes) -> Store:
    return client.build(client.connect(cluster.url), partitions=16, window=5)


@pytest.fixture
def wire(cluster: Nodes, store: Store) -> Iterator[Wire]:
    """A wire to the node that holds the partition of SERIES; `wired` goes through it."""
    wire = Wire(cluster.holder(store.partition(SERIES.id).seq).port)
    yield wire
    wire.close()


@pytest.fixture
def wired(cluster: Nodes, wire: Wire) -> Store:
    def connect(address: Address) -> object:
        port = wire.port if address[1] == wire.target else address[1]
        return client.connect(f"redis://127.0.0.1:{port}")

    return client.build(Cluster([("127.0.0.1", cluster.all[0].port)], connect), partitions=16, window=5)


def test_it_answers_as_the_protocol_says(store: Store) -> None:
    assert wrong_answers(store.client, CALLS) == []


def test_a_script_whose_answer_is_lost_is_not_sent_again(wired: Store, wire: Wire) -> None:
    partition = wired.partition(SERIES.id)
    entries.record(wired, partition, [ENTRY])
    wire.lose(b"EVALSHA")
    with pytest.raises(redis.RedisError) as caught:
        entries.record(wired, partition, [ENTRY])
    assert outages.unavailable(caught.value) is not None
    assert (wire.lost, wire.seen) == (1, 1)
    assert wired.client.get(partition.seq) == b"2"


def test_many_whose_answers_are_lost_are_not_sent_again(wired: Store, wire: Wire) -> None:
    seq = wired.partition(SERIES.id).seq
    wire.lose(b"INCR")
    with pytest.raises(redis.RedisError):
        wired.many([("INCR", seq), *(("GET", partition.seq) for partition in wired.partitions)])
    assert (wire.lost, wire.seen) == (1, 1)
    assert wired.many([("GET", seq)]) == [b"1"]
    wired.client.delete(seq)


def test_a_node_that_started_again_is_given_its_scripts_again(cluster: Nodes, store: Store) -> None:
    partition = store.partition(SERIES.id)
    entries.record(store, partition, [ENTRY])
    cluster.holder(partition.seq).restart()
    cluster.settle()
    eventually(lambda: succeeds(store))
    assert int(store.client.get(partition.seq)) >= 2


def succeeds(store: Store) -> bool:
    try:
        entries.record(store, store.partition(SERIES.id), [ENTRY])
    except redis.RedisError as error:
        passes(error)
        return False
    return True


def test_a_slot_that_has_moved_is_found_where_it_is(cluster: Nodes, store: Store) -> None:
    partition = store.partition(SERIES.id)
    entries.record(store, partition, [ENTRY])
    slot, source = cluster.slot(partition.seq), cluster.holder(partition.seq)
    cluster.move(slot, source, cluster.empty)
    try:
        entries.record(store, partition, [ENTRY])
        assert store.many([("GET", partition.seq), ("GET", "elsewhere")]) == [b"2", None]
        assert f"127.0.0.1:{cluster.empty.port}" in nodes(store.client)
    finally:
        cluster.move(slot, cluster.empty, source)
    assert store.many([("GET", partition.seq)]) == [b"2"]


def test_a_slot_on_the_move_serves_single_keys_and_refuses_scripts(cluster: Nodes, store: Store) -> None:
    partition = store.partition(SERIES.id)
    entries.record(store, partition, [ENTRY])
    slot, source, target = cluster.slot(partition.seq), cluster.holder(partition.seq), cluster.empty
    cluster.begin_move(slot, source, target)
    try:
        for _ in range(50):
            before = source.contents(), target.contents()
            with pytest.raises(redis.RedisError) as caught:
                entries.record(store, partition, [ENTRY], once="k")
            assert isinstance(caught.value, TryAgainError | AskError)
            assert outages.unavailable(caught.value) is not None
            assert (source.contents(), target.contents()) == before
            assert store.many([("GET", partition.seq), ("HLEN", partition.series)]) == [b"1", 1]
            assert store.client.get(partition.seq) == b"1"
            if not cluster.move_keys(slot, source, target, 2):
                break
    finally:
        cluster.end_move(slot, target)
        cluster.move(slot, target, source)
    assert entries.record(store, partition, [ENTRY], once="k")[0][0].arrival == 2


def test_a_silent_node_fails_its_own_slots_at_once_and_no_others(cluster: Nodes) -> None:
    store = client.build(client.connect(cluster.url, answer_seconds=0.3), partitions=16, window=5)
    held = {node.port: [p for p in store.partitions if cluster.holder(p.seq) is node] for node in cluster.all}
    silent, lively = cluster.all[0], cluster.all[1]
    store.many([("GET", partition.seq) for partition in store.partitions])
    silent.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(redis.exceptions.TimeoutError):
            store.many([("GET", partition.seq) for partition in store.partitions])
        assert store.many([("GET", held[lively.port][0].seq)]) == [None]
        assert time.monotonic() - started < 1.5
    finally:
        silent.signal(signal.SIGCONT)
    assert eventually(lambda: found(store, held[silent.port][0].seq)) == [None]


def found(store: Store, key: str) -> list[object] | None:
    try:
        return store.many([("GET", key)])
    except redis.RedisError as error:
        passes(error)
        return None


def test_a_cluster_that_nobody_holds_whole_says_so_and_comes_back(cluster: Nodes, store: Store) -> None:
    partition = store.partition(SERIES.id)
    holder, slot = cluster.holder(partition.seq), cluster.slot(partition.seq)
    holder.client.execute_command("CLUSTER DELSLOTS", slot)
    try:
        with pytest.raises(redis.RedisError, match="slot") as caught:
            entries.record(store, partition, [ENTRY])
        assert outages.unavailable(caught.value) is not None
    finally:
        holder.client.execute_command("CLUSTER ADDSLOTS", slot)
    cluster.settle()
    eventually(lambda: succeeds(store))


def test_any_node_that_answers_leads_to_all(cluster: Nodes) -> None:
    found = client.connect(f"redis://127.0.0.1:1,redis://localhost:{cluster.empty.port}/0")
    assert {int(name.rpartition(":")[2]) for name in found.nodes()} == {node.port for node in cluster.all}


def test_no_node_that_answers_is_unavailable() -> None:
    found = client.connect("redis://127.0.0.1:1,redis://127.0.0.1:2")
    for _ in range(2):
        with pytest.raises(redis.exceptions.ConnectionError):
            found.get("key")


def test_several_addresses_of_what_is_no_cluster_are_refused() -> None:
    class Plain:
        def execute_command(self, *_: object) -> object:
            raise redis.exceptions.ResponseError("This instance has cluster support disabled")

    with pytest.raises(StoreUnsafeError, match="not a Redis Cluster"):
        Cluster([("host", 1), ("host", 2)], lambda _: Plain()).get("key")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("redis://a:1, rediss://b", "redis://a:1,rediss://b"),
        ("redis://:p,w@a:1/0,redis://b:2/", "redis://:p,w@a:1/0,redis://b:2/"),
        ("redis://one:1/3", "redis://one:1/3"),
    ],
)
def test_several_addresses_are_nodes_of_a_cluster(text: str, kept: str) -> None:
    assert load({"KUMO_STORE_URL": text}).store_url == kept


@pytest.mark.parametrize(
    "text", ["redis://a,redis://b/1", "redis://a,unix:///x", "redis://a,http://b", "redis://a,b c"]
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"KUMO_STORE_URL .*allowed: "):
        load({"KUMO_STORE_URL": text})


def test_several_addresses_are_not_for_the_queues() -> None:
    with pytest.raises(SettingsError, match="REDIS_URL"):
        load({"REDIS_URL": "redis://a,redis://b"})


def test_found_nodes_are_reached_as_the_first_was() -> None:
    assert client._at("rediss://u:p%40@h:1/0?x=y", ("::1", 7)) == "rediss://u:p%40@[::1]:7/0?x=y"
    assert client._at("redis://h", ("10.0.0.1", 7)) == "redis://10.0.0.1:7"
