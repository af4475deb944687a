"""The connection to the store, and the layout that it must have."""

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from kumo.errors import StoreUnsafeError
from kumo.store import client, keys
from kumo.store.client import LAYOUT_VERSION, Store
from kumo.store.commands import get


def build(url: str, partitions: int = 2) -> Store:
    return client.build(client.connect(url), partitions=partitions, window=5)


@pytest.mark.server  # fakeredis connects to nothing
@pytest.mark.parametrize(
    ("url", "host", "port", "password"),
    [
        ("redis://host", "host", 6379, None),
        ("redis://:p,w@host:1/0", "host", 1, "p,w"),
        ("redis://:a%40b@[::1]:7/0", "::1", 7, "a@b"),
    ],
)
def test_an_address_is_connected_to_without_repeats_and_with_limits_of_time(
    url: str, host: str, port: int, password: str | None
) -> None:
    found = client.connect_server(url).connection_pool.connection_kwargs
    assert (found["host"], found.get("port", 6379), found.get("password")) == (host, port, password)
    assert (found["socket_connect_timeout"], found["socket_timeout"]) == (2.0, 5.0)
    assert found["retry"].get_retries() == 0


@pytest.mark.server  # fakeredis connects to nothing
def test_a_socket_of_this_machine_needs_no_keepalive() -> None:
    assert "socket_keepalive" not in client.connect_server("unix:///run/x.sock").connection_pool.connection_kwargs


@pytest.mark.parametrize(
    ("url", "address", "expected"),
    [
        ("redis://a:1", ("b", 2), "redis://b:2"),
        ("rediss://user:p@a:1/0?x=1", ("b", 2), "rediss://user:p@b:2/0?x=1"),
        ("redis://:a%40b@a", ("::1", 2), "redis://:a%40b@[::1]:2"),
    ],
)
def test_another_node_has_the_scheme_the_password_and_the_options_of_the_first(
    url: str, address: tuple[str, int], expected: str
) -> None:
    assert client._at(url, address) == expected


@pytest.mark.parametrize(("answer", "found"), [([], []), ([b"a", b"1", b"b", b"2"], [(b"a", b"1"), (b"b", b"2")])])
def test_alternating_values_are_pairs(answer: list[bytes], found: list[tuple[bytes, bytes]]) -> None:
    assert client.pairs(answer) == found


def test_an_odd_number_of_values_is_no_list_of_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        client.pairs([b"a"])


def test_commands_of_one_round_trip_are_answered_in_order(redis_url: str, redis_client: Redis) -> None:
    for key, value in (("x", 1), ("y", 2)):
        redis_client.set(key, value, ex=60)
    store = build(redis_url)
    assert store.many(map(get, ["y", "none", "x"])) == [b"2", None, b"1"]
    assert store.many([]) == []


def test_a_command_that_fails_in_a_round_trip_is_raised_without_the_command(
    redis_url: str, redis_client: Redis
) -> None:
    redis_client.hset("secret", "a", "1")
    redis_client.expire("secret", 60)
    with pytest.raises(ResponseError, match=r"^WRONGTYPE") as caught:
        build(redis_url).many([get("secret")])
    assert "secret" not in str(caught.value)


def test_an_empty_store_is_marked_once_and_stays_as_it_is(redis_url: str, redis_client: Redis) -> None:
    client.check_layout(build(redis_url))
    marked = redis_client.hgetall(keys.LAYOUT)
    client.check_layout(build(redis_url))
    assert redis_client.hgetall(keys.LAYOUT) == marked
    assert marked[b"version"] == str(LAYOUT_VERSION).encode()
    assert len(marked[b"born"]) == 16


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"version": LAYOUT_VERSION + 1}, "upgrade Kumo"),
        ({"version": LAYOUT_VERSION - 1}, "run the version that filled it"),
        ({"version": 0}, "has layout 0"),
        ({"partitions": 3}, "filled with KUMO_PARTITIONS=3, the setting is 2"),
        ({"restoring": "x"}, "run `python -m kumo restore FILE` again"),
    ],
)
def test_a_store_of_another_layout_is_not_used(
    redis_url: str, redis_client: Redis, fields: dict[str, int | str], told: str
) -> None:
    client.check_layout(build(redis_url))
    redis_client.hset(keys.LAYOUT, mapping=fields)
    with pytest.raises(StoreUnsafeError, match=told):
        client.check_layout(build(redis_url))
