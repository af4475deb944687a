"""The service's own state, also while Redis is away."""

import pytest
from flask.testing import FlaskClient
from redis import Redis

from tests.api.conftest import Serve
from tests.api.refusals import refused
from tests.stack import free_port

ROOT = {"System": "Kumo", "Status": "Ready for Money"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def alone(serve: Serve) -> FlaskClient:
    """Kumo without its Redis."""
    return serve({"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"})


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/plain", "text/html;q=0.1, application/json"])
def test_it_says_what_it_is(client: FlaskClient, accept: str) -> None:
    answer = client.get("/", headers={"Accept": accept})
    assert (answer.status_code, answer.get_json()) == (200, ROOT)


@pytest.mark.parametrize("accept", [BROWSER, "text/html"])
def test_a_browser_is_sent_to_pages_that_exist(client: FlaskClient, accept: str) -> None:
    answer = client.get("/", headers={"Accept": accept})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert client.get(answer.headers["Location"], follow_redirects=True, buffered=True).mimetype == "text/html"


def test_it_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "alive"}
    assert client.get("/readyz").get_json()["status"] == "ready"


def test_a_kind_of_worker_that_nobody_runs_is_named_and_the_web_stays_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "No judge has ever run: run `python -m worker judge`." in answer.get_json()["warnings"]


def test_it_lives_without_redis_and_says_that_it_is_not_ready(alone: FlaskClient) -> None:
    assert alone.get("/").get_json() == ROOT
    assert alone.get("/healthz").status_code == 200
    answer = alone.get("/readyz")
    assert refused(answer, 503)["reasons"] == ["Redis does not answer as it should (ConnectionError)."]
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/costs/", "/costs/x", "/costs/summary", "/series/", "/anomalies/", "/alerts/"])
def test_without_redis_nothing_else_works_and_that_is_said(alone: FlaskClient, path: str) -> None:
    answer = alone.get(path)
    refused(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert "127.0.0.1" not in answer.text


@pytest.mark.parametrize("path", ["/ingest/", "/ingest/batch", "/alerts/test"])
def test_without_redis_nothing_is_taken(alone: FlaskClient, path: str) -> None:
    cost = {"service": "x", "amount": 1}
    answer = alone.post(path, json=[cost] if "batch" in path else cost, headers={"Idempotency-Key": "k"})
    assert "Idempotency-Key" in refused(answer, 503)["detail"]


def test_what_is_unsafe_makes_it_unready(client: FlaskClient, redis_client: Redis) -> None:
    redis_client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert "allkeys-lru" in refused(client.get("/readyz"), 503)["reasons"][0]
    finally:
        redis_client.config_set("maxmemory-policy", "noeviction")
    assert client.get("/readyz").status_code == 200


def test_another_number_of_partitions_makes_it_unready(client: FlaskClient, serve: Serve) -> None:
    client.get("/costs/")
    other = serve({"KUMO_PARTITIONS": "4"})
    assert "KUMO_PARTITIONS=16" in refused(other.get("/readyz"), 503)["detail"]
    assert "KUMO_PARTITIONS=16" in refused(other.post("/ingest/", json={"service": "x", "amount": 1}), 503)["detail"]


@pytest.mark.parametrize("path", ["/", "/costs/", "/nothing", "/docs", "/openapi.json"])
def test_every_answer_is_read_as_what_it_is(client: FlaskClient, path: str) -> None:
    answer = client.get(path, buffered=True)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_page_of_another_origin_may_call_only_where_it_is_listed(serve: Serve) -> None:
    client = serve({"KUMO_CORS_ORIGINS": "https://finops.example"})
    for origin, allowed in (("https://finops.example", "https://finops.example"), ("https://evil.example", None)):
        for path in ("/costs/", "/costs/x", "/nothing"):
            answer = client.get(path, headers={"Origin": origin})
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
