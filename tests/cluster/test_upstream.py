"""The behaviour of redis-py's own cluster client, and why Kumo routes by itself (kumo.store.cluster).

If one of these fails after an upgrade of redis-py, that reason is gone: check whether `RedisCluster` is enough.
"""

from collections.abc import Iterator

import pytest
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from kumo.store import client
from kumo.store.cluster import Address, Cluster
from kumo.store.protocol import as_server
from tests.cluster.nodes import Nodes
from tests.cluster.wire import Wire
from tests.stack import free_port

KEYS = [f"{{1}}:{number}" for number in range(20)]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def wire(cluster: Nodes) -> Iterator[Wire]:
    """A wire to the node that holds the keys."""
    wire = Wire(cluster.holder(KEYS[0]).port)
    yield wire
    wire.close()


def _theirs(cluster: Nodes, wire: Wire | None = None) -> RedisCluster:
    """Return their client, configured never to repeat."""

    def through(address: Address) -> Address:
        return (address[0], wire.port) if wire and address[1] == wire.target else address

    nodes = [ClusterNode("127.0.0.1", cluster.all[0].port)]
    return RedisCluster(startup_nodes=nodes, address_remap=through, retry=Retry(NoBackoff(), 0))


@pytest.fixture
def theirs(cluster: Nodes, wire: Wire) -> Iterator[RedisCluster]:
    made = _theirs(cluster, wire)
    yield made
    for key in KEYS:
        cluster.holder(key).client.delete(key)
    made.close()


def test_a_single_command_is_not_sent_again(theirs: RedisCluster, cluster: Nodes, wire: Wire) -> None:
    wire.lose(b"INCR")
    with pytest.raises(LostError):
        theirs.incr(KEYS[0])
    assert (wire.seen, cluster.holder(KEYS[0]).client.get(KEYS[0])) == (1, b"1")


def test_commands_of_a_pipeline_are_sent_again(theirs: RedisCluster, cluster: Nodes, wire: Wire) -> None:
    """redis/cluster.py, PipelineStrategy._send_cluster_commands: "RETRY MAGIC HAPPENS HERE", which asks no `retry`."""
    wire.lose(b"INCR")
    assert theirs.pipeline(transaction=False).incr(KEYS[0]).execute() == [2]
    assert (wire.seen, cluster.holder(KEYS[0]).client.get(KEYS[0])) == (2, b"2")


def test_without_redirections_a_pipeline_follows_no_slot_that_has_moved(cluster: Nodes) -> None:
    """The one way to keep a pipeline from sending again keeps it from finding its keys, too."""
    found = _theirs(cluster)
    slot, source = cluster.slot(KEYS[0]), cluster.holder(KEYS[0])
    cluster.move(slot, source, cluster.empty)
    try:
        pipeline = found.pipeline(transaction=False).get(KEYS[0])
        stack = pipeline._execution_strategy._command_queue
        with pytest.raises(RedisError, match=f"{slot} 127.0.0.1:{cluster.empty.port}"):
            pipeline._execution_strategy.send_cluster_commands(stack, allow_redirections=False)
    finally:
        cluster.move(slot, cluster.empty, source)
        found.close()


def test_an_answer_that_asks_for_a_node_without_slots_breaks_it(cluster: Nodes) -> None:
    slot, source = cluster.slot(KEYS[0]), cluster.holder(KEYS[0])
    found = _theirs(cluster)
    cluster.begin_move(slot, source, cluster.empty)
    try:
        with pytest.raises(AttributeError):
            found.get(KEYS[0])
        ours = Cluster(
            [("127.0.0.1", source.port)], lambda at: as_server(client.connect_server(f"redis://{at[0]}:{at[1]}"))
        )
        assert ours.get(KEYS[0]) is None
    finally:
        cluster.end_move(slot, cluster.empty)
        cluster.move(slot, cluster.empty, source)
        found.close()


def test_it_connects_when_it_is_made_and_fails_with_what_is_no_redis_error() -> None:
    nodes = [ClusterNode("127.0.0.1", free_port())]
    with pytest.raises(RedisClusterException) as caught:
        RedisCluster(startup_nodes=nodes, retry=Retry(NoBackoff(), 0))
    assert not isinstance(caught.value, RedisError)
