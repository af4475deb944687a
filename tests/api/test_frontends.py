"""The frontends that exist for the original Kumo, unchanged: the calls that their pages make, from another origin."""

from collections.abc import Iterator

import pytest
import requests

from tests.stack import Stack, stack

ORIGIN = "http://localhost:3000"


@pytest.fixture
def kumo(redis_url: str) -> Iterator[Stack]:
    with stack(redis_url, "web", "judge", KUMO_INGEST_WAIT="2", KUMO_CORS_ORIGINS=ORIGIN) as running:
        yield running


def from_page(kumo: Stack, method: str, path: str, **body: object) -> requests.Response:
    """Call as a browser does for a page of another origin: a JSON body is asked for beforehand."""
    url = kumo.url + path
    if body:
        asks = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
        leave = requests.options(url, headers={"Origin": ORIGIN} | asks, timeout=10)
        assert leave.ok
        assert leave.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert method in leave.headers["Access-Control-Allow-Methods"]
        assert "content-type" in leave.headers["Access-Control-Allow-Headers"].lower()
    answer = requests.request(method, url, json=body or None, headers={"Origin": ORIGIN}, timeout=10)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    return answer


def test_a_page_of_another_origin_records_costs_and_shows_them(kumo: Stack) -> None:
    for amount in (50.5, 51, 49.25, 50, 50.5, 51, 49.25, 50, 50.5, 51):
        answer = from_page(kumo, "POST", "/ingest/", service="AWS EC2", amount=amount)
        assert answer.status_code == 200
        assert answer.json()["id"]
        assert answer.json()["is_anomaly"] is False
    assert from_page(kumo, "POST", "/ingest/", service="AWS EC2", amount=500).json()["is_anomaly"] is True
    rows = from_page(kumo, "GET", "/costs/").json()
    assert isinstance(rows, list)
    assert [(row["amount"], row["is_anomaly"]) for row in rows[:2]] == [(500, True), (51, False)]
    assert all(row["timestamp"].endswith("Z") for row in rows)


def test_a_page_may_read_the_refusal_too(kumo: Stack) -> None:
    answer = from_page(kumo, "POST", "/ingest/", service="AWS EC2")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "amount"


def test_a_page_of_an_origin_that_is_not_listed_may_not(kumo: Stack) -> None:
    answer = requests.get(f"{kumo.url}/costs/", headers={"Origin": "http://elsewhere.example"}, timeout=10)
    assert "Access-Control-Allow-Origin" not in answer.headers
