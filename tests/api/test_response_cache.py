"""A cached answer is valid until something arrives or is judged: its client gets 304, and nobody gets an old one."""

import gzip
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from redis import Redis

from kumo.api import response_cache
from kumo.engine.ops import access
from kumo.services import Services
from tests.api.conftest import Serve

PATHS = ("/costs/", "/costs/summary?from=2026-01-01&to=2026-01-31&by=none", "/series/", "/anomalies/")


def post(client: FlaskClient, amount: float, day: int = 1) -> None:
    row = {"service": "EC2", "amount": amount, "timestamp": f"2026-01-{day:02d}T00:00:00Z"}
    assert client.post("/ingest/", json=row).status_code == 202


@pytest.mark.parametrize("path", PATHS)
def test_what_the_client_has_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", PATHS[:3])
def test_an_arrival_changes_the_answer_at_once(client: FlaskClient, path: str) -> None:
    before = client.get(path)
    post(client, 50)
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (before.get_json(), after.status_code) == ([], 200)
    assert len(after.get_json()) == 1


def test_a_verdict_changes_the_answer_at_once(client: FlaskClient, judged: Callable[[], None]) -> None:
    post(client, 50)
    assert client.get("/costs/").get_json()[0]["status"] == "pending"
    judged()
    assert client.get("/costs/").get_json()[0]["status"] == "learning"


def test_another_question_has_an_answer_of_its_own(client: FlaskClient) -> None:
    post(client, 50)
    assert len(client.get("/costs/").get_json()) == 1
    assert client.get("/costs/?service=nobody").get_json() == []
    assert client.get("/costs/?limit=0").status_code == 422


def test_a_page_keeps_its_link_to_the_next(client: FlaskClient) -> None:
    for day in range(1, 4):
        post(client, 50, day)
    links = [client.get("/costs/?limit=1").headers["Link"] for _ in range(2)]
    assert links[0] == links[1] != ""


def test_a_large_answer_is_compressed_for_who_can_read_it(client: FlaskClient) -> None:
    for day in range(1, 29):
        post(client, 50, day)
    plain = client.get("/costs/")
    packed = client.get("/costs/", headers={"Accept-Encoding": "gzip"})
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 4
    assert {"Accept-Encoding", "Authorization"} <= set(plain.vary) & set(packed.vary)
    refusing = client.get("/costs/", headers={"Accept-Encoding": "gzip;q=0"})
    assert refusing.data == plain.data


def test_what_is_kept_is_shown_to_nobody_without_a_key(serve: Serve, built: Services) -> None:
    secret = access.issue(built, "reader", ("read",))
    client = serve()
    asked = client.get("/costs/", headers={"Authorization": f"Bearer {secret}"})
    again = {"If-None-Match": asked.headers["ETag"]}
    assert (asked.status_code, client.get("/costs/", headers=again).status_code) == (200, 401)
    assert client.get("/costs/", headers=again | {"Authorization": "Bearer kumo_wrong"}).status_code == 401


def test_an_answer_that_is_too_large_is_given_all_the_same(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "KEPT_BYTES", 10)
    client = serve()
    post(client, 50)
    assert [len(client.get("/costs/").get_json()) for _ in range(2)] == [1, 1]


def test_a_store_that_was_emptied_is_another_one(client: FlaskClient, redis_client: Redis) -> None:
    for amount in (50, 60):
        redis_client.flushall()
        post(client, amount)
        assert [row["amount"] for row in client.get("/costs/").get_json()] == [amount]
