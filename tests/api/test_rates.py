"""Rates while the broker is away and the store is not: keys are checked, requests are accepted uncounted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from redis import Redis

from kumo.engine.ops import access
from kumo.engine.ops.rates import Rates
from kumo.jobs import Jobs
from kumo.services import Services
from kumo.store.client import connect
from tests.api.conftest import Serve
from tests.servers import server
from tests.silence import SilentServer, silent_server
from tests.stack import eventually, free_port

COST = {"service": "x", "amount": 1}


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    with silent_server() as away:
        yield away


def key(built: Services, scope: str = "admin") -> dict[str, str]:
    return {"Authorization": f"Bearer {access.issue(built, 'ci', [scope])}"}


def served_apart(serve: Serve, redis_url: str, broker_url: str) -> FlaskClient:
    return serve({"KUMO_STORE_URL": redis_url, "REDIS_URL": broker_url})


@pytest.mark.parametrize("away", ["silent", "gone"])
def test_what_needs_the_store_alone_is_served(
    serve: Serve, built: Services, redis_url: str, silent: SilentServer, away: str
) -> None:
    admin = key(built)
    client = served_apart(serve, redis_url, silent.url if away == "silent" else f"redis://127.0.0.1:{free_port()}")
    recorded = client.post("/ingest/", json=COST, headers=admin)
    assert (recorded.status_code, "RateLimit-Limit" in recorded.headers) == (202, False)
    for path in ("/costs/", "/series/", "/metrics", "/policies/"):
        assert client.get(path, headers=admin).status_code == 200, path
    assert client.get("/costs/", headers={"Authorization": "Bearer kumo_ci_" + "a" * 43}).status_code == 401


def test_readyz_says_so_and_stays_ready(serve: Serve, redis_url: str, silent: SilentServer) -> None:
    answer = served_apart(serve, redis_url, silent.url).get("/readyz")
    assert answer.status_code == 200
    assert "The Redis of the queues does not answer" in answer.get_json()["warnings"][0]


def test_counting_goes_on_once_the_broker_is_back(
    serve: Serve, built: Services, redis_url: str, tmp_path: Path
) -> None:
    admin, port = key(built), free_port()
    client = served_apart(serve, redis_url, f"redis://127.0.0.1:{port}")
    with server(tmp_path, port):
        assert "RateLimit-Limit" in client.get("/costs/", headers=admin).headers
    # The rest of the process' share of the minute is still counted.
    while "RateLimit-Limit" in (answer := client.get("/costs/", headers=admin)).headers:
        assert answer.status_code == 200
    assert answer.status_code == 200
    with server(tmp_path, port), Redis(port=port) as broker:
        eventually(lambda: "RateLimit-Limit" in client.get("/costs/", headers=admin).headers)
        assert list(broker.scan_iter("kumo:rate*"))


def test_a_broker_that_does_not_answer_holds_up_one_request_and_is_named_once(
    silent: SilentServer, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs(connect(silent.url, 0.2, 0.2))
    jobs.breaker.pause = 3600
    rates = Rates(10, jobs)
    assert [rates.spend(name) for name in "abcde"] == [None] * 5
    assert silent.connections == 1
    assert [record.message for record in caplog.records] == [
        "The broker cannot count requests (TimeoutError): they are accepted uncounted."
    ]
