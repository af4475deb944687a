"""Faults of a Redis that must be fixed before it may hold costs: reported, and refused."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from kumo.engine.ops import health
from kumo.engine.queries import lookup
from kumo.errors import StoreUnsafeError
from kumo.services import Services
from kumo.store import client, embedded, keys
from tests.cli.test_main import kumo
from tests.conftest import Build
from tests.engine.detection.arrivals import SERIES, Arrival, everything, send
from tests.stack import free_port, stack

FINE = {"redis_version": "6.2.0", "aof_enabled": 1, "maxmemory_policy": "noeviction"}
Configure = Callable[[dict[str, str]], None]


@pytest.fixture
def configure(redis_client: Redis) -> Iterator[Configure]:
    """Return CONFIG SET; its changes are undone."""
    before: dict[str, str] = {}

    def change(options: dict[str, str]) -> None:
        for name, value in options.items():
            before.setdefault(name, redis_client.config_get(name)[name])
            redis_client.config_set(name, value)

    yield change
    for name, value in before.items():
        redis_client.config_set(name, value)


def test_a_safe_server_is_ready(services: Services) -> None:
    found = health.examine(services)
    assert (found.wrong, found.unknown) == ([], [])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"appendonly": "no"}, "Redis has no append-only file"),
        ({"maxmemory": "1gb", "maxmemory-policy": "allkeys-lru"}, "Redis may evict keys (allkeys-lru)"),
        ({"maxmemory-policy": "volatile-ttl"}, "Redis may evict keys (volatile-ttl)"),
    ],
)
def test_an_unsafe_setting_is_named(
    services: Services, configure: Configure, options: dict[str, str], told: str
) -> None:
    configure(options)
    (reason,) = health.examine(services).wrong
    assert reason.startswith(told)


def test_a_limit_of_memory_by_itself_is_fine(services: Services, configure: Configure) -> None:
    configure({"maxmemory": "1gb"})
    assert health.examine(services).wrong == []


def test_all_that_is_unsafe_is_named_and_check_exits_1(configure: Configure, redis_url: str) -> None:
    configure({"appendonly": "no", "maxmemory": "1gb", "maxmemory-policy": "allkeys-lru"})
    found = kumo("check", REDIS_URL=redis_url)
    assert (found.returncode, found.stdout) == (1, "2 to fix.\n")
    assert "append-only" in found.stderr
    assert "evict" in found.stderr


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({"redis_version": "6.0.16"}, "is too old (6.0.16)"),
        ({"redis_version": "5.0"}, "is too old (5.0)"),
        ({"redis_version": "7.2.4"}, None),
        ({"aof_enabled": 0}, "has no append-only file"),
    ],
)
def test_each_figure_is_judged(figures: dict[str, object], told: str | None) -> None:
    found = health.Health()
    health._judge(found, "Redis", FINE | figures, health.STORE_RULES)
    assert [reason.startswith(f"Redis {told}") for reason in found.wrong] == [True] * (told is not None)


@pytest.mark.parametrize("figure", FINE)
def test_a_figure_that_is_left_out_is_not_taken_for_wrong(figure: str) -> None:
    found = health.Health()
    health._judge(found, "Redis", {name: value for name, value in FINE.items() if name != figure}, health.STORE_RULES)
    assert found.wrong == []
    assert figure in found.unknown[0]


def test_a_server_that_is_gone_is_said_once(build: Build) -> None:
    gone = f"redis://127.0.0.1:{free_port()}"
    assert health.examine(build(REDIS_URL=gone)).wrong == ["Redis does not answer as it should (ConnectionError)."]
    found = kumo("check", REDIS_URL=gone)
    assert (found.returncode, found.stdout) == (1, "1 to fix.\n")
    assert "Traceback" not in found.stderr


def test_a_broker_apart_is_looked_at_too(build: Build, configure: Configure, tmp_path: Path) -> None:
    with embedded.serve(tmp_path) as store_url:
        services = build(KUMO_STORE_URL=store_url)
        # Jobs are hints that the sweep repeats: they may be lost, but not evicted in part.
        configure({"appendonly": "no", "maxmemory-policy": "allkeys-lru"})
        (reason,) = health.examine(services).wrong
        assert reason.startswith("The Redis of the queues may evict")


def test_a_broker_that_is_gone_keeps_nobody_from_recording_but_is_to_be_put_right(build: Build, redis_url: str) -> None:
    gone = {"KUMO_STORE_URL": redis_url, "REDIS_URL": f"redis://127.0.0.1:{free_port()}"}
    found = health.examine(build(**gone))
    assert found.wrong == []
    assert found.late[0].startswith("The Redis of the queues does not answer as it should (ConnectionError).")
    checked = kumo("check", **gone)
    assert (checked.returncode, checked.stdout) == (1, "1 to fix.\n")
    assert found.late[0] in checked.stderr


def test_a_server_that_forbids_info_works_and_is_not_called_unsafe(
    build: Build, redis_client: Redis, server_url: str
) -> None:
    redis_client.execute_command("ACL", "SETUSER", "guest", "on", ">secret", "~*", "&*", "+@all", "-info", "-config")
    try:
        url = server_url.replace("unix://", "unix://guest@") + "?password=secret"
        services = build(REDIS_URL=url)
        send(services, [Arrival(0, 10**6, 0, None)])
        assert [row.entry.series for row in lookup.list_costs(services, everything()).rows] == [SERIES[0]]
        assert health.examine(services).wrong == []
        found = kumo("check", REDIS_URL=url)
        assert found.returncode == 0
        assert "Redis does not report its settings: make sure that it loses and evicts nothing.\n" in found.stderr
    finally:
        redis_client.execute_command("ACL", "DELUSER", "guest")


def test_a_store_with_other_partitions_is_not_ready(build: Build, services: Services) -> None:
    client.check_layout(services.store)
    (reason,) = health.examine(build(KUMO_PARTITIONS="8")).wrong
    assert "KUMO_PARTITIONS=16" in reason


@pytest.fixture
def newer(services: Services, redis_client: Redis) -> str:
    """A store that a later version of Kumo has filled; returns what its mark is."""
    client.check_layout(services.store)
    redis_client.hset(keys.LAYOUT, "version", str(client.LAYOUT_VERSION + 1))
    return f"layout {client.LAYOUT_VERSION + 1}"


def test_a_newer_layout_is_not_ready(newer: str, services: Services) -> None:
    (reason,) = health.examine(services).wrong
    assert newer in reason
    with pytest.raises(StoreUnsafeError, match="upgrade"):
        client.check_layout(services.store)


def test_web_answers_503_over_a_newer_layout(newer: str, redis_url: str) -> None:
    with stack(redis_url, "web") as line:
        for answer in (line.post({"service": "x", "amount": 1}), line.get("/costs/"), line.get("/readyz")):
            assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
            assert newer in answer.json()["detail"]
        assert line.get("/healthz").status_code == 200


@pytest.mark.parametrize("queue", ["judge", "notify"])
def test_a_worker_exits_over_a_newer_layout(newer: str, redis_url: str, queue: str) -> None:
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("KUMO_", "REDIS"))}
    worker = subprocess.run(
        [sys.executable, "-m", "worker", queue],
        env=clean | {"REDIS_URL": redis_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert worker.returncode == 1
    assert newer in worker.stderr
    assert "Traceback" not in worker.stderr


@pytest.mark.parametrize(
    "command",
    [["check"], ["verify"], ["up"], ["keys", "list"], ["keys", "revoke", "x"], ["keys", "add", "x", "--scope", "read"]],
)
def test_a_command_exits_over_a_newer_layout(newer: str, redis_url: str, command: list[str]) -> None:
    found = kumo(*command, REDIS_URL=redis_url)
    assert found.returncode == 1
    assert newer in found.stderr
    assert "Traceback" not in found.stderr
