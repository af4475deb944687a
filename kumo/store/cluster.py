"""A Redis Cluster: each command goes to the node that holds its key, and is repeated only if a node refused to run it.

redis-py's own `RedisCluster` (8.1.0) is not used, even with `retry=Retry(NoBackoff(), 0)`. A test,
tests/cluster/test_upstream.py, shows why, and fails when one of these changes:

- Its pipelines send a command again if its answer was lost, and so would count an entry twice. `retry` does not apply
  there: redis/cluster.py, `PipelineStrategy._send_cluster_commands`, "RETRY MAGIC HAPPENS HERE". It is on purpose (see
  Grokzen/redis-py-cluster#220). `allow_redirections=False` avoids it, but then a pipeline does not follow MOVED.
- An ASK to a node without slots, as while a cluster grows, ends in an AttributeError.
- It connects when it is created, and its failures are not all RedisErrors.

Single commands are not sent again. This module only adds routing to `redis.Redis`.

MOVED, ASK, TRYAGAIN and CLUSTERDOWN mean that nothing was run. While a slot moves key by key, a script is run by a
node that has all of its keys, and refused with TRYAGAIN if one of several is missing. The name of a family
of keys (see kumo.store.keys) never exists as a key, so a script with one does not start before the whole slot has
moved. So no script loses a key in the middle.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar, cast

import redis
from redis.commands import CoreCommands
from redis.crc import key_slot
from redis.event import EventDispatcher
from redis.exceptions import AskError, ClusterDownError, MovedError, ResponseError, TryAgainError

from kumo.errors import StoreUnsafeError
from kumo.store import answers
from kumo.store.commands import Command
from kumo.store.protocol import Answer, Client, Server, Word, as_server

Address = tuple[str, int]
Options = Mapping[str, object]
Answered = TypeVar("Answered")

# Seconds to wait before each try of a command that nodes refuse to run: enough for a moving slot, not more. After the
# last try the caller gets the error, and may try again later.
PAUSES: Final = (0, 0, 0, *[0.05] * 8)
LOOK_SECONDS: Final = 1.0
_LOST: Final = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)
_SCRIPTS: Final = {"EVAL", "EVALSHA"}


def call_all(node: Server, commands: Iterable[tuple[Sequence[Word], Options]]) -> list[object]:
    """Send commands with their options to one server in one round trip; return the answers, including refusals."""
    pipeline = node.pipeline(transaction=False)
    for command, options in commands:
        pipeline.execute_command(*command, **options)
    return pipeline.execute(raise_on_error=False)


def slot_of(command: Sequence[Word]) -> int:
    """Return the slot of a command's first key. Commands without keys are for `Cluster.nodes`."""
    key = command[3 if str(command[0]).upper() in _SCRIPTS else 1]
    return int(key_slot(key if isinstance(key, bytes) else str(key).encode()))


class Cluster(CoreCommands):
    """A client for a cluster, with redis-py's methods for commands that have a key.

    `connect` creates the client of one node, which must never repeat a command by itself.
    """

    def __init__(self, seeds: Sequence[Address], connect: Callable[[Address], Server]) -> None:
        """Keep the addresses of the first nodes; connect to nothing yet."""
        self._event_dispatcher = EventDispatcher()  # needed by redis-py's methods
        self._connect = connect
        self._clients: dict[Address, Server] = {}
        self._seeds = tuple(seeds)
        self._known = self._seeds
        self._holders: dict[int, Address] = {}
        self._in_doubt: bool = True
        self._next_look = 0.0
        self._looking = threading.Lock()

    def execute_command(self, *args: Word, **options: object) -> object:
        """Run a command on the node that holds its key; raise the last refusal if no node runs it."""
        slot = slot_of(args)
        address, asking = self._holder(slot), False
        refused: redis.RedisError = ClusterDownError("Nobody was asked.")
        for pause in PAUSES:
            time.sleep(pause)
            try:
                return self._send(address, args, options, asking=asking)
            except MovedError as error:
                self._in_doubt = True
                refused, address, asking = error, self._read_address(error, address), False
                self._holders[slot] = address
            except AskError as error:
                refused, address, asking = error, self._read_address(error, address), True
            except (TryAgainError, ClusterDownError) as error:
                self._in_doubt = self._in_doubt or isinstance(error, ClusterDownError)
                refused, address, asking = error, self._holder(slot), False
        raise refused

    def many(self, commands: Iterable[Command[Answered]]) -> list[Answered]:
        """Run commands, without a transaction, in one round trip for each node; return their answers in order."""
        wanted = list(commands)
        by_holder: dict[Address, list[int]] = {}
        for place, command in enumerate(wanted):
            by_holder.setdefault(self._holder(slot_of(command)), []).append(place)
        found: list[object] = [None] * len(wanted)
        for address, places in by_holder.items():
            of_node = self._call_all(address, [(wanted[place], {}) for place in places])
            for place, answer in zip(places, of_node, strict=True):
                found[place] = answer
        return [cast("Answered", self._again(command, answer)) for command, answer in zip(wanted, found, strict=True)]

    def nodes(self) -> dict[str, Server]:
        """Return a client for each node that holds slots, by host:port."""
        self._look()
        return {f"{host}:{port}": self._client((host, port)) for host, port in sorted(set(self._holders.values()))}

    def _again(self, command: Sequence[Word], answer: object) -> object:
        """Follow a node's refusal of one of many commands; raise any other failure."""
        if isinstance(answer, AskError | TryAgainError | ClusterDownError):
            return self.execute_command(*command)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _send(self, address: Address, args: Sequence[Word], options: Options, *, asking: bool) -> object:
        if asking:  # one connection must carry both
            answer = self._call_all(address, [(("ASKING",), {}), (args, options)])[1]
            if isinstance(answer, Exception):
                raise answer
            return answer
        try:
            return self._client(address).execute_command(*args, **options)
        except _LOST:
            self._doubt(address)
            raise

    def _call_all(
        self, address: Address, commands: Iterable[tuple[Sequence[Word], Mapping[str, object]]]
    ) -> list[object]:
        try:
            return call_all(self._client(address), commands)
        except _LOST:
            self._doubt(address)
            raise

    def _client(self, address: Address) -> Server:
        found = self._clients.get(address)
        return self._clients.setdefault(address, self._connect(address)) if found is None else found

    def _holder(self, slot: int) -> Address:
        self._look()
        holder = self._holders.get(slot)
        if holder is None:
            self._in_doubt = True
            raise ClusterDownError(f"No node holds slot {slot}.")
        return holder

    def _doubt(self, address: Address) -> None:
        """Ask the other nodes first, because this one may no longer hold its slots."""
        self._known = (*(known for known in self._known if known != address), address)
        self._in_doubt = True

    def _look(self) -> None:
        """Read which node holds which slots, if in doubt: one thread, at most once a second; others use the old map."""
        if not self._in_doubt or not self._looking.acquire(blocking=not self._holders):
            return
        try:
            self._look_again()
        finally:
            self._looking.release()
        if not self._holders:
            raise redis.exceptions.ConnectionError("No node of the cluster answers.")

    def _look_again(self) -> None:
        if self._in_doubt and time.monotonic() >= self._next_look:
            self._in_doubt = not self._ask_around()
            self._next_look = time.monotonic() + LOOK_SECONDS

    def _ask_around(self) -> bool:
        for address in dict.fromkeys((*self._known, *self._seeds)):
            try:
                rows = answers.items(cast("Answer", self._client(address).execute_command("CLUSTER SLOTS")))
            except ResponseError as error:
                if "cluster support disabled" in str(error):
                    raise StoreUnsafeError(
                        "KUMO_STORE_URL names several nodes, but they are not a Redis Cluster."
                    ) from error
            except redis.RedisError:
                pass
            else:
                self._learn(rows, address)
                if rows:
                    return True
        return False

    def _learn(self, rows: Sequence[Answer], asked: Address) -> None:
        """Store the map of slots: (first slot, last slot, master, replicas …) in each row."""
        holders: dict[int, Address] = {}
        for first, last, writer, *_ in map(answers.items, rows):
            host, port = answers.items(writer)[:2]
            address = _address(answers.optional_text(host), answers.number(port), asked)
            holders.update(dict.fromkeys(range(answers.number(first), answers.number(last) + 1), address))
        if holders:
            self._holders = holders
            self._known = (asked, *sorted(set(holders.values()) - {asked}))

    def _read_address(self, error: AskError, asked: Address) -> Address:
        return _address(error.host, error.port, asked)


def as_cluster(client: object) -> Cluster | None:
    """Return the client of a cluster as such; None if it is that of one server."""
    return client if isinstance(client, Cluster) else None


def nodes(client: Client) -> dict[str, Server]:
    """Return a client for each node that holds data, by its address; "" is the address of a single Redis."""
    found = as_cluster(client)
    return found.nodes() if found else {"": as_server(client)}


def _address(host: bytes | str | None, port: int, asked: Address) -> Address:
    """Parse the address of a node; a node that does not know its own host leaves it out."""
    text = host.decode() if isinstance(host, bytes) else host or ""
    return (text if text not in {"", "?"} else asked[0]), int(port)
