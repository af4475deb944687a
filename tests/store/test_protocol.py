"""All clients have the methods of the protocol, and answer with its types."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from fakeredis import FakeRedis
from redis import Redis
from redis.client import Pipeline as RedisPipeline

from kumo.store import client, protocol
from kumo.store.cluster import Cluster
from tests.store.protocol_calls import CALLS, SCRIPT_CALLS, wrong_answers

KUMO: Final = Path(client.__file__).parents[1]


def methods(kind: type) -> list[str]:
    return sorted(name for name in protocol_names(kind) if not name.startswith("_"))


def protocol_names(kind: type) -> set[str]:
    return {name for each in kind.__mro__ if each.__module__ == protocol.__name__ for name in vars(each)}


@pytest.mark.parametrize("name", methods(protocol.Client))
@pytest.mark.parametrize("kind", [Redis, Cluster, FakeRedis])
def test_each_client_has_what_is_asked_of_the_store(kind: type, name: str) -> None:
    assert callable(getattr(kind, name, None))


@pytest.mark.parametrize("name", methods(protocol.Server))
@pytest.mark.parametrize("kind", [Redis, FakeRedis])
def test_each_client_of_one_server_has_what_is_asked_of_it(kind: type, name: str) -> None:
    assert callable(getattr(kind, name, None))


@pytest.mark.parametrize("name", methods(protocol.Pipeline))
def test_a_pipeline_has_what_is_asked_of_it(name: str) -> None:
    with FakeRedis() as fake:
        kinds = RedisPipeline, type(fake.pipeline())
    assert all(callable(getattr(kind, name, None)) for kind in kinds)


def test_what_no_caller_uses_is_not_asked() -> None:
    text = "".join(path.read_text() for path in KUMO.rglob("*.py") if path.stem != "protocol")
    asked = {*methods(protocol.Server), *methods(protocol.Pipeline)}
    assert {name for name in asked if not re.search(rf"\.{name}\(", text)} == set()


def test_each_command_of_the_store_is_tried() -> None:
    assert {name for name, *_ in CALLS + SCRIPT_CALLS} == set(methods(protocol.Client))


def test_a_server_answers_as_the_protocol_says(redis_url: str) -> None:
    found: Any = client.connect(redis_url)
    found.script_load("return nil")
    assert wrong_answers(found, CALLS + SCRIPT_CALLS) == []


def test_fakeredis_answers_as_the_protocol_says() -> None:
    assert wrong_answers(FakeRedis(protocol=2), CALLS) == []
