"""Repeats under the same key or external id, and the counts of a batch."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from kumo.engine.ops import access
from kumo.services import Services
from kumo.store import keys, leases
from tests.api.refusals import nothing_stored, refused
from tests.api.test_ingest import COST, FULL, post
from tests.clients import client_of

BATCH = "/ingest/batch"


def costs(client: FlaskClient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/costs/?limit=1000").get_json()
    return rows


def test_the_same_key_gets_the_identical_answer(client: FlaskClient, judged: Callable[[], None]) -> None:
    first = post(client, COST, Idempotency_Key="k")
    judged()
    again = post(client, COST, Idempotency_Key="k")
    assert (again.status_code, again.data, again.headers["Location"]) == (202, first.data, first.headers["Location"])
    assert len(costs(client)) == 1


@pytest.mark.parametrize("path", ["/ingest/", BATCH])
def test_the_same_key_with_another_body_is_refused(client: FlaskClient, redis_client: Redis, path: str) -> None:
    bodies: list[Any] = [COST, COST | {"amount": 51}]
    first, other = [[body] if path == BATCH else body for body in bodies]
    post(client, first, path, Idempotency_Key="k")
    with nothing_stored(redis_client):
        assert "another body" in refused(post(client, other, path, Idempotency_Key="k"), 422)["detail"]
    assert len(costs(client)) == 1


def test_a_key_is_of_one_endpoint(client: FlaskClient) -> None:
    assert post(client, COST, Idempotency_Key="k").status_code == 202
    assert post(client, [COST], BATCH, Idempotency_Key="k").status_code == 202
    assert len(costs(client)) == 2


def test_a_slash_at_the_end_makes_no_other_endpoint(client: FlaskClient) -> None:
    ids = [post(client, COST, path, Idempotency_Key="k").get_json()["id"] for path in ("/ingest/", "/ingest")]
    assert len(costs(client)) == len(set(ids)) == 1


def bearer(built: Services, name: str, scope: str = "ingest") -> dict[str, str]:
    return {"Authorization": f"Bearer {access.issue(built, name, [scope])}"}


def test_a_change_of_api_key_between_a_request_and_its_repeat_counts_nothing_twice(
    client: FlaskClient, built: Services
) -> None:
    reader = bearer(built, "reader", "read")
    first = post(client, COST, Idempotency_Key="k", **bearer(built, "old"))
    access.revoke(built, "old")
    again = post(client, COST, Idempotency_Key="k", **bearer(built, "new"))
    assert (again.status_code, again.data) == (202, first.data)
    assert len(client.get("/costs/", headers=reader).get_json()) == 1


def test_a_batch_that_was_cut_off_is_completed_under_another_api_key(client: FlaskClient, built: Services) -> None:
    rows = [COST | {"service": f"s{number}"} for number in range(50)]
    old, new, reader = bearer(built, "old"), bearer(built, "new"), bearer(built, "reader", "read")
    calls = count()

    def break_off(_: str) -> None:
        if next(calls) == 5:
            raise RedisConnectionError

    with client_of(replace(built, failpoint=break_off)) as cut_off:
        refused(post(cut_off, rows, BATCH, Idempotency_Key="k", **old), 503)
    assert 0 < len(client.get("/costs/?limit=1000", headers=reader).get_json()) < 50
    assert post(client, rows, BATCH, Idempotency_Key="k", **new).status_code == 202
    assert len(client.get("/costs/?limit=1000", headers=reader).get_json()) == 50


def test_the_key_of_another_with_another_body_is_refused_and_says_nothing_of_the_first(
    client: FlaskClient, built: Services
) -> None:
    post(client, COST | {"service": "secret"}, Idempotency_Key="k", **bearer(built, "first"))
    answer = post(client, COST, Idempotency_Key="k", **bearer(built, "second"))
    assert "another body" in refused(answer, 422)["detail"]
    assert "secret" not in answer.text


def test_who_may_not_record_gets_no_answer_of_others(client: FlaskClient, built: Services) -> None:
    post(client, COST, Idempotency_Key="k", **bearer(built, "first"))
    refused(post(client, COST, Idempotency_Key="k", **bearer(built, "reader", "read")), 403)
    refused(post(client, COST, Idempotency_Key="k"), 401)


def test_a_refused_request_leaves_its_key_free(client: FlaskClient) -> None:
    refused(post(client, COST | {"amount": "x"}, Idempotency_Key="k"), 422)
    assert post(client, COST, Idempotency_Key="k").status_code == 202


def test_a_request_that_still_runs_is_not_run_twice(client: FlaskClient, built: Services, redis_client: Redis) -> None:
    rows = [COST | {"service": f"s{number}"} for number in range(50)]
    post(client, rows, BATCH, Idempotency_Key="k")
    [request] = redis_client.scan_iter("kumo:request:*")
    running = keys.running(request.decode().rpartition(":")[2])
    assert leases.take(built.store, running, "another", 5_000)
    assert "still running" in refused(post(client, rows, BATCH, Idempotency_Key="k"), 409)["detail"]
    leases.release(built.store, running, "another")
    assert len(post(client, rows, BATCH, Idempotency_Key="k").get_json()["ids"]) == len(costs(client)) == 50


def test_the_same_external_id_restates(client: FlaskClient, judged: Callable[[], None]) -> None:
    first = post(client, FULL).get_json()
    judged()
    restated = post(client, FULL | {"amount": 60}).get_json()
    assert (restated["id"], restated["amount_exact"], restated["status"]) == (first["id"], "60", "pending")
    judged()
    [cost] = costs(client)
    assert (cost["amount_exact"], cost["status"]) == ("60", "learning")
    assert client.get(f"/series/{cost['series']}").get_json()["sum"] == "60"


def test_the_same_external_id_and_amount_changes_nothing(client: FlaskClient, redis_client: Redis) -> None:
    first = post(client, FULL).get_json()
    with nothing_stored(redis_client):
        again = post(client, FULL | {"amount": 50.5000001, "timestamp": None})
    assert (again.status_code, again.get_json()["id"]) == (202, first["id"])
    assert again.get_json()["timestamp"] == first["timestamp"]


@pytest.mark.parametrize("amount", [50, 51])
def test_what_is_known_is_answered_as_it_is_stored(client: FlaskClient, amount: int) -> None:
    sent = COST | {"amount": 50, "external_id": "x", "tags": {"team": "a"}}
    post(client, sent)
    answer = post(client, sent | {"amount": amount, "tags": {"team": "b"}}).get_json()
    [stored] = costs(client)
    assert stored["tags"] == {"team": "a"}
    assert answer == stored | {"total": None}  # the answer does not read the total


@pytest.mark.parametrize("path", ["/ingest/", BATCH])
def test_another_timestamp_is_a_conflict(client: FlaskClient, redis_client: Redis, path: str) -> None:
    post(client, FULL)
    other: Any = FULL | {"timestamp": "2026-02-01T00:00:00Z"}
    with nothing_stored(redis_client):
        detail = refused(post(client, [COST, other] if path == BATCH else other, path), 409)["detail"]
    assert "another timestamp" in detail
    assert ("Entry 1" in detail) is (path == BATCH)


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "application/jsonl"])
def test_a_batch_counts_what_became_of_it(client: FlaskClient, kind: str) -> None:
    known = post(client, FULL).get_json()["id"]
    rows: list[Any] = [COST | {"service": f"s{number}", "amount": number} for number in range(500)]
    rows[100] = FULL
    rows[200] = FULL | {"amount": 70}
    rows[300] = FULL | {"amount": 70}
    lines = [json.dumps(row) for row in rows]
    body = f"[{','.join(lines)}]" if kind == "application/json" else "\n".join(lines)
    answer = client.post(BATCH, data=body, content_type=kind)
    told = answer.get_json()
    assert answer.status_code == 202
    assert (told["accepted"], told["restated"], told["duplicates"]) == (497, 1, 2)
    assert [told["ids"][place] for place in (100, 200, 300)] == [known] * 3
    services = {cost["id"]: cost["service"] for cost in costs(client)}
    assert [services[cost_id] for cost_id in told["ids"]] == [row["service"] for row in rows]


def test_a_batch_under_a_key_gets_the_identical_answer(client: FlaskClient, judged: Callable[[], None]) -> None:
    rows = [COST | {"service": f"s{number % 9}", "amount": f"{number}.000001"} for number in range(3000)]
    first = post(client, rows, BATCH, Idempotency_Key="k")
    judged()
    again = post(client, rows, BATCH, Idempotency_Key="k")
    assert (again.status_code, again.data) == (202, first.data)
    total = sum(Decimal(row["sum"]) for row in client.get("/series/").get_json())
    assert sum(row["entries"] for row in client.get("/costs/summary?by=none").get_json()) == 3000
    assert total == sum(Decimal(str(row["amount"])) for row in rows[-900:])
