"""The connection to the store, the layout, and the failures that end by themselves."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from kumo.domain.entries import partition_of
from kumo.domain.names import compare_name
from kumo.errors import StoreUnsafeError
from kumo.store import keys
from kumo.store.cluster import Address, Cluster, as_cluster, call_all
from kumo.store.commands import Command
from kumo.store.partition import Partition
from kumo.store.protocol import Answer, Client, as_client, as_server
from kumo.store.scripts import Scripts
from kumo.store.signatures import Argument, Keys

LAYOUT_VERSION: Final = 6
CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 5.0
# For requests that use the broker in addition to their work.
HASTY_SECONDS: Final = 0.5
DEFAULT_PORT: Final = 6379

Answered = TypeVar("Answered")
Item = TypeVar("Item")


def connect(
    url: str, answer_seconds: float | None = ANSWER_SECONDS, connect_seconds: float = CONNECT_SECONDS
) -> Client:
    """Return a client that fails fast and never sends a command twice; for a cluster if several nodes are given.

    By default redis-py repeats a command whose answer was lost, and so counts an entry twice. Kumo repeats only
    under an Idempotency-Key or a fence. A `rediss://` server may have a self-signed certificate, as on
    Heroku.
    """
    first, *others = re.split(r",(?=rediss?://)", url)  # a password may contain a comma
    if not others:
        return as_server(connect_server(url, answer_seconds, connect_seconds))
    nodes = Cluster(
        [_address(node) for node in (first, *others)],
        lambda address: as_server(connect_server(_at(first, address), answer_seconds, connect_seconds)),
    )
    return as_client(nodes)


def _address(url: str) -> Address:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or DEFAULT_PORT


def _at(url: str, address: Address) -> str:
    """Return an address with the scheme, password and options of another."""
    parts = urlsplit(url)
    secret, at, _ = parts.netloc.rpartition("@")
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return parts._replace(netloc=f"{secret}{at}{host}:{address[1]}").geturl()


def connect_server(
    url: str, answer_seconds: float | None = ANSWER_SECONDS, connect_seconds: float = CONNECT_SECONDS
) -> redis.Redis:
    """Return a client of one server, such as RQ wants it."""
    options: dict[str, Any] = {} if url.startswith("unix://") else {"socket_keepalive": True}
    if url.startswith("rediss://"):
        options["ssl_cert_reqs"] = "none"
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=connect_seconds,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        **options,
    )


def pairs(answer: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Parse an answer of alternating values, such as members with their scores."""
    return list(zip(answer[::2], answer[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Store:
    """A connection to the store, with its scripts, its partitions and the size of a window.

    `tag_keys` are the keys of tags by whose values groups are summed, in compared form.
    """

    client: Client
    scripts: Scripts
    partitions: tuple[Partition, ...]
    window: int
    tag_keys: tuple[str, ...] = ()

    def partition(self, series_id: str) -> Partition:
        """Return the keys of the partition that holds a series."""
        return self.partitions[partition_of(series_id, len(self.partitions))]

    def many(self, commands: Iterable[Command[Answered]]) -> list[Answered]:
        """Send commands in one round trip (for each node), without a transaction, and return their answers in order."""
        nodes = as_cluster(self.client)
        if nodes:
            return nodes.many(commands)
        answers: list[Answered] = []
        for answer in call_all(as_server(self.client), ((command, {}) for command in commands)):
            if isinstance(answer, Exception):  # not as redis-py raises it, with the command before the message
                raise answer
            answers.append(cast("Answered", answer))
        return answers

    def run_each(self, script: str, calls: Sequence[tuple[Keys, Mapping[str, Argument]]]) -> list[Answer]:
        """Run a script once for each of some keys and arguments, in one round trip per node; it must be repeatable."""
        try:
            return self.many([self.scripts.command(script, names, args) for names, args in calls])
        except NoScriptError:
            return [self.scripts.run(script, names, **args) for names, args in calls]


def build(client: Client, partitions: int, window: int, tag_keys: Sequence[str] = ()) -> Store:
    """Return a store with a client. Connects to nothing yet."""
    numbers = tuple(Partition(number) for number in range(partitions))
    return Store(client, Scripts(client), numbers, window, tuple(map(compare_name, tag_keys)))


def check_layout(store: Store) -> None:
    """Mark an empty store with this layout, or check that this code can use the layout of the store.

    Raises `StoreUnsafeError` for another layout, another number of partitions, or a store that is being restored.
    """
    client = store.client
    client.hsetnx(keys.LAYOUT, "version", LAYOUT_VERSION)
    client.hsetnx(keys.LAYOUT, "partitions", len(store.partitions))
    if client.hsetnx(keys.LAYOUT, "born", secrets.token_hex(8)):
        # A new store has no series and no entry that its groups lack.
        client.hset(keys.LAYOUT, mapping={keys.SHARED: 1, keys.TAGGED: json.dumps(store.tag_keys)})
    restoring, *numbers = client.hmget(keys.LAYOUT, ["restoring", "version", "partitions"])
    if restoring:
        raise StoreUnsafeError(
            "A restore has begun to fill the store and has not ended: run `python -m kumo restore FILE` again."
        )
    version, partitions = (int(number or 0) for number in numbers)
    if version != LAYOUT_VERSION:
        what = "upgrade Kumo" if version > LAYOUT_VERSION else "run the version that filled it, or take an empty Redis"
        raise StoreUnsafeError(f"The store has layout {version}, this version of Kumo knows {LAYOUT_VERSION}: {what}.")
    if partitions != len(store.partitions):
        raise StoreUnsafeError(
            f"The store was filled with KUMO_PARTITIONS={partitions}, the setting is {len(store.partitions)} now."
        )
    _narrow_tagged(store)


def _narrow_tagged(store: Store) -> None:
    """From now on entries come in that are not added to groups of other keys than `store.tag_keys`."""
    known = json.loads(store.client.hget(keys.LAYOUT, keys.TAGGED) or b"[]")
    if not set(known) <= set(store.tag_keys):
        kept = [key for key in known if key in store.tag_keys]
        store.client.hset(keys.LAYOUT, keys.TAGGED, json.dumps(kept))
