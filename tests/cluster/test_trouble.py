"""A slot that moves, a node that is silent, a node that is killed: while entries come in, none is lost or doubled."""

import signal
import time

from kumo.domain.entries import Series, partition_of
from kumo.services import Services
from tests.cluster.load import under_load
from tests.cluster.nodes import Node, Nodes
from tests.stack import eventually

SERIES = [Series(f"service {number}", "USD") for number in range(40)]


def busy(services: Services, cluster: Nodes) -> tuple[int, Node]:
    """Return the slot of a partition that some of SERIES are in, and the node that holds it."""
    seq = services.store.partitions[partition_of(SERIES[0].id, len(services.store.partitions))].seq
    return cluster.slot(seq), cluster.holder(seq)


def test_a_slot_that_moves_key_by_key_loses_and_doubles_nothing(cluster: Nodes, services: Services) -> None:
    slot, source = busy(services, cluster)
    with under_load(services, SERIES) as load:
        cluster.begin_move(slot, source, cluster.empty)
        while cluster.move_keys(slot, source, cluster.empty, 1):
            time.sleep(0.02)
        cluster.end_move(slot, cluster.empty)
        moved = sum(load.sent.values())
        eventually(lambda: sum(load.sent.values()) > moved + 100)
        cluster.move(slot, cluster.empty, source)
    assert load.again > 0
    load.check(services)


def test_a_slot_that_moves_at_once_loses_and_doubles_nothing(cluster: Nodes, services: Services) -> None:
    slot, source = busy(services, cluster)
    with under_load(services, SERIES) as load:
        for _ in range(3):
            cluster.move_at_once(slot, source, cluster.empty)
            cluster.move_at_once(slot, cluster.empty, source)
    load.check(services)


def test_a_copy_that_takes_over_loses_and_doubles_nothing(cluster: Nodes, services: Services) -> None:
    _, holder = busy(services, cluster)
    cluster.follow(cluster.empty, holder)
    with under_load(services, SERIES) as load:
        for node in (cluster.empty, holder):
            cluster.take_over(node)
            before = sum(load.sent.values())
            eventually(lambda count=before: sum(load.sent.values()) > count + 100)
    cluster.leave_empty(cluster.empty)
    load.check(services)


def test_a_silent_node_loses_and_doubles_nothing(cluster: Nodes, services: Services) -> None:
    _, holder = busy(services, cluster)
    with under_load(services, SERIES) as load:
        holder.signal(signal.SIGSTOP)
        time.sleep(4)  # long enough for the others to take it for dead
        holder.signal(signal.SIGCONT)
        cluster.settle()
        before = sum(load.sent.values())
        eventually(lambda: sum(load.sent.values()) > before + 100)
    assert load.again > 0
    load.check(services)


def test_a_node_that_is_killed_and_comes_back_loses_and_doubles_nothing(cluster: Nodes, services: Services) -> None:
    _, holder = busy(services, cluster)
    with under_load(services, SERIES) as load:
        for _ in range(2):
            holder.restart()
            cluster.settle()
        before = sum(load.sent.values())
        eventually(lambda: sum(load.sent.values()) > before + 100)
    load.check(services)


def test_connections_that_are_cut_lose_and_double_nothing(cluster: Nodes, services: Services) -> None:
    with under_load(services, SERIES) as load:
        for number in range(60):
            cluster.all[number % 3].client.execute_command("CLIENT KILL", "TYPE", "normal", "SKIPME", "yes")
            time.sleep(0.02)
    load.check(services)
