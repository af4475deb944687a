"""Promise 7: while Redis is in trouble requests get 503, nothing is half done, and everything recovers afterwards."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from redis import Redis
from redis.exceptions import RedisError

from kumo import services as composition
from kumo import settings
from kumo.app import create_app
from kumo.engine.ops import verification
from kumo.services import Services
from kumo.store import client as store_client
from tests.servers import server
from tests.stack import eventually, free_port

COST = {"service": "AWS EC2", "amount": 50.5}
PATIENCE = 0.3


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def built(port: int) -> Services:
    """Services that wait less than a person would for an answer."""
    services = composition.build(settings.load({"REDIS_URL": f"redis://127.0.0.1:{port}/0"}))
    impatient = store_client.connect(f"redis://127.0.0.1:{port}/0", PATIENCE)
    return replace(services, store=store_client.build(impatient, 16, 100))


@pytest.fixture
def web(built: Services) -> FlaskClient:
    return create_app(built).test_client()


def post(web: FlaskClient, key: str) -> int:
    answer = web.post("/ingest/", json=COST, headers={"Idempotency-Key": key})
    if answer.status_code != 202:
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json"), answer.text
        assert int(answer.headers["Retry-After"]) >= 1
    return answer.status_code


def refused_then_recovers(web: FlaskClient, built: Services, end: Callable[[], object]) -> None:
    """While the trouble lasts all is refused; once it ends the same requests are taken, each once."""
    assert [post(web, key) for key in "ab"] == [503, 503]
    for path in ("/costs/", "/series/", "/anomalies/", "/alerts/", "/costs/summary"):
        assert web.get(path).status_code in {200, 503}, path
    assert web.get("/healthz").status_code == 200
    end()
    eventually(lambda: post(web, "a") == 202)
    assert [post(web, key) for key in "aabb"] == [202] * 4
    assert len(web.get("/costs/").get_json()) == 3
    assert list(verification.differences(built)) == []


@contextmanager
def running(tmp_path: Path, port: int, web: FlaskClient) -> Iterator[Redis]:
    with server(tmp_path, port), Redis(port=port) as redis:
        assert post(web, "before") == 202
        yield redis


def test_a_server_that_is_gone(tmp_path: Path, port: int, web: FlaskClient, built: Services) -> None:
    with running(tmp_path, port, web):
        pass
    assert web.get("/readyz").status_code == 503
    again = server(tmp_path, port)
    try:
        refused_then_recovers(web, built, again.__enter__)
        assert web.get("/readyz").status_code == 200
    finally:
        again.__exit__(None, None, None)


def test_a_server_that_is_full(tmp_path: Path, port: int, web: FlaskClient, built: Services) -> None:
    with running(tmp_path, port, web) as redis:
        redis.config_set("maxmemory", 1)
        refused_then_recovers(web, built, lambda: redis.config_set("maxmemory", 0))


def test_a_server_that_is_a_replica(tmp_path: Path, port: int, web: FlaskClient, built: Services) -> None:
    with running(tmp_path, port, web) as redis:
        redis.replicaof("127.0.0.1", str(free_port()))
        refused_then_recovers(web, built, lambda: redis.replicaof("NO", "ONE"))


def test_a_server_that_is_slow(tmp_path: Path, port: int, web: FlaskClient, built: Services) -> None:
    with running(tmp_path, port, web) as redis:
        redis.client_pause(3_000)
        # A paused command runs later: the answer is lost, the work is not. Its key prevents counting twice.
        refused_then_recovers(web, built, lambda: None)


def test_a_server_that_is_busy_with_a_script(tmp_path: Path, port: int, web: FlaskClient, built: Services) -> None:
    with running(tmp_path, port, web) as redis:
        redis.config_set("busy-reply-threshold", 1)

        def spin() -> None:
            with Redis(port=port) as other, suppress(RedisError):
                other.eval("while true do end", 0)

        thread = threading.Thread(target=spin)
        thread.start()
        time.sleep(0.2)
        refused_then_recovers(web, built, redis.script_kill)
        thread.join()


def test_a_server_that_is_loading(tmp_path: Path, port: int, web: FlaskClient, built: Services) -> None:
    with running(tmp_path, port, web) as redis:
        # One command each, since the server is slowed down by the command and answers after each 1024 of them.
        ballast = redis.pipeline(transaction=False)
        for number in range(6000):
            ballast.set(f"ballast:{number}", "x")
        ballast.execute()
    with server(tmp_path, port, key_load_delay="500"), Redis(port=port) as redis:
        refused_then_recovers(web, built, lambda: eventually(lambda: _loaded(redis)))


def _loaded(redis: Redis) -> bool:
    return not redis.info("persistence")["loading"]
