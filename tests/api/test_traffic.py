"""Counting requests: once each, under labels that clients cannot invent, for all processes together."""

from pathlib import Path

from flask.testing import FlaskClient
from redis import Redis

from kumo.api import telemetry
from kumo.store import embedded, keys
from tests.api.conftest import Serve
from tests.api.figures import value
from tests.stack import eventually, free_port, stack

TOOK = "kumo_http_request_duration_seconds"


def counted(client: FlaskClient, method: str, route: str, status: int) -> float | None:
    return value(client, "kumo_http_requests_total", method=method, route=route, status=str(status))


def close(client: FlaskClient) -> None:
    client.application.extensions[telemetry.EXTENSION].close()


def test_a_request_is_counted_by_its_route_and_status(client: FlaskClient) -> None:
    for name in "abc":
        client.get(f"/costs/{name}")
    client.post("/ingest/", json={"service": "x", "amount": 1})
    assert counted(client, "GET", "/costs/{cost_id}", 404) == 3
    assert counted(client, "POST", "/ingest/", 202) == 1


def test_what_a_sender_makes_up_is_no_label(client: FlaskClient) -> None:
    for place in range(20):
        client.open(f"/made-up-{place}", method=f"MADEUP{place}")
    assert counted(client, "other", "unknown", 404) == 20
    assert "made-up" not in client.get("/metrics").text.lower()


def test_the_histogram_holds_each_request_once(client: FlaskClient) -> None:
    for _ in range(5):
        client.get("/healthz")
    labels = {"method": "GET", "route": "/healthz"}
    within = [value(client, f"{TOOK}_bucket", **labels, le=bound) or 0 for bound in telemetry.LE]
    assert within == sorted(within)
    assert within[-1] == value(client, f"{TOOK}_count", **labels) == 5
    assert 0 < (value(client, f"{TOOK}_sum", **labels) or 0) < 5


def test_one_scrape_sees_the_requests_of_all_web_processes(redis_url: str) -> None:
    with stack(redis_url, "web", WEB_CONCURRENCY="2") as running:
        for _ in range(40):  # each with its own connection
            assert running.get("/series/").status_code == 200
        line = 'kumo_http_requests_total{method="GET",route="/series/",status="200"} 40.0'
        eventually(lambda: line in running.get("/metrics").text)


def test_the_counts_go_on_after_a_restart(serve: Serve) -> None:
    before = serve()
    before.get("/series/")
    close(before)
    after = serve()
    after.get("/series/")
    assert counted(after, "GET", "/series/", 200) == 2


def test_web_counts_its_last_requests_as_it_stops(redis_url: str, client: FlaskClient) -> None:
    with stack(redis_url, "web") as running:
        running.get("/series/")
    assert counted(client, "GET", "/series/", 200) == 1


def test_requests_are_counted_by_themselves_without_a_scrape(client: FlaskClient, redis_client: Redis) -> None:
    client.get("/healthz")
    eventually(lambda: redis_client.exists(keys.REQUESTS))


def test_requests_that_found_no_redis_are_counted_once_it_is_back(serve: Serve, tmp_path: Path) -> None:
    with embedded.serve(tmp_path) as url:
        client = serve({"REDIS_URL": url})
        client.get("/healthz")
    assert client.get("/series/").status_code == 503
    client.application.extensions[telemetry.EXTENSION].flush()
    with embedded.serve(tmp_path):
        assert counted(client, "GET", "/series/", 503) == 1
        assert counted(client, "GET", "/healthz", 200) == 1
        close(client)


def test_without_the_broker_the_other_figures_are_there(serve: Serve, redis_url: str) -> None:
    client = serve({"REDIS_URL": f"redis://127.0.0.1:{free_port()}", "KUMO_STORE_URL": redis_url})
    client.get("/healthz")
    assert value(client, "kumo_pending") == 0
    assert counted(client, "GET", "/healthz", 200) is None
