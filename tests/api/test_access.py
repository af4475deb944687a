"""Promise 8: nobody without a key reads or writes, beyond health, root and documentation."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from kumo.api.access import scope_of
from kumo.domain.access import KeyScope
from kumo.engine.ops import access
from kumo.errors import SettingsError
from kumo.services import Services
from tests.api.conftest import Serve
from tests.stack import eventually

DOCS = {"/openapi.json", "/docs/", "/docs/initializer.js", "/docs/<path:name>"}
DASHBOARD = {"/dashboard/", "/dashboard/static/<version>/<name>"}
PUBLIC = {"/", "/healthz", "/readyz", *DOCS, *DASHBOARD}
BODIES = {"/ingest/": {"service": "x", "amount": 1}, "/ingest/batch": [{"service": "x", "amount": 1}]}


def endpoints(app: Flask) -> Iterator[tuple[str, str, KeyScope | None]]:
    """Every method of every endpoint that there is, with the scope that it needs."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield method, rule.rule, scope_of(rule.endpoint, method)


def call(client: FlaskClient, method: str, rule: str, token: str | None) -> int:
    path = rule.replace("<string:", "").replace("<path:", "").replace(">", "")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return client.open(path, method=method, json=BODIES.get(rule), headers=headers, buffered=True).status_code


def test_only_health_root_and_documentation_are_public(client: FlaskClient) -> None:
    public = {rule for _, rule, scope in endpoints(client.application) if scope is None}
    assert public == PUBLIC


@pytest.fixture
def keyed(built: Services) -> dict[str, str | None]:
    """Keys of every kind; a revoked one among them."""
    found = {str(scope): access.issue(built, str(scope), [scope]) for scope in KeyScope}
    revoked = access.issue(built, "revoked", ["admin"])
    access.revoke(built, "revoked")
    return found | {"none": None, "wrong": "kumo_read_" + "a" * 43, "revoked": revoked, "empty": ""}


@pytest.mark.parametrize("kind", ["none", "wrong", "revoked", "empty", "ingest", "read", "admin"])
def test_every_endpoint_asks_for_the_scope_that_it_needs(
    client: FlaskClient, keyed: dict[str, str | None], kind: str
) -> None:
    for method, rule, scope in endpoints(client.application):
        status = call(client, method, rule, keyed[kind])
        if scope is None or kind in {scope, "admin"}:
            assert status not in {401, 403}, (method, rule)
        else:
            assert status == (403 if kind in {"ingest", "read"} else 401), (method, rule)


@pytest.mark.usefixtures("keyed")
def test_a_refusal_is_a_problem_that_says_how_to_ask(client: FlaskClient) -> None:
    answer = client.get("/costs/")
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Bearer" in answer.get_json()["detail"]


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize("header", ["Basic a2V5OmtleQ==", "Bearer", "bearer  ", "kumo", "Token x", "Bearer a b"])
def test_another_kind_of_authorization_is_no_key(client: FlaskClient, header: str) -> None:
    assert client.get("/costs/", headers={"Authorization": header}).status_code == 401


def test_without_any_key_this_machine_may_do_all(client: FlaskClient) -> None:
    assert client.post("/ingest/", json={"service": "x", "amount": 1}).status_code == 202
    assert client.post("/alerts/test").status_code == 202


def test_revoking_the_last_key_does_not_open_the_door(client: FlaskClient, built: Services) -> None:
    access.issue(built, "ci", ["read"])
    access.revoke(built, "ci")
    assert client.get("/costs/").status_code == 401


def test_the_first_key_closes_the_door_within_a_second(client: FlaskClient, built: Services) -> None:
    assert client.get("/costs/").status_code == 200
    access.issue(built, "ci", ["read"])
    eventually(lambda: client.get("/costs/").status_code == 401)


def test_a_revoked_key_is_refused_at_once(client: FlaskClient, built: Services) -> None:
    headers = {"Authorization": f"Bearer {access.issue(built, 'ci', ['read'])}"}
    assert client.get("/costs/", headers=headers).status_code == 200
    access.revoke(built, "ci")
    assert client.get("/costs/", headers=headers).status_code == 401


def test_it_refuses_to_stand_open_to_others(serve: Serve, built: Services) -> None:
    with pytest.raises(SettingsError, match="KUMO_AUTH=off"):
        serve({"KUMO_HOST": "0.0.0.0"})
    assert serve({"KUMO_HOST": "0.0.0.0", "KUMO_AUTH": "off"}).get("/costs/").status_code == 200
    access.issue(built, "ci", ["read"])
    assert serve({"KUMO_HOST": "0.0.0.0"}).get("/costs/").status_code == 401


def test_where_the_last_key_goes_others_stay_out(serve: Serve, built: Services) -> None:
    access.issue(built, "ci", ["read"])
    outside = serve({"KUMO_HOST": "0.0.0.0"})
    access.revoke(built, "ci")
    assert outside.get("/costs/").status_code == 401


def test_a_key_has_a_rate_of_its_own(serve: Serve, built: Services) -> None:
    client = serve({"KUMO_RATE_LIMIT": "5"})
    first, second = (access.issue(built, name, ["read"]) for name in ("first", "second"))
    answers = [client.get("/costs/", headers={"Authorization": f"Bearer {first}"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["RateLimit-Limit"] == "5"
    assert answers[4].headers["RateLimit-Remaining"] == "0"
    assert 0 <= int(answers[4].headers["RateLimit-Reset"]) <= 61  # to the next whole second
    assert "Retry-After" not in answers[4].headers
    assert answers[5].mimetype == "application/problem+json"
    assert 0 < int(answers[5].headers["Retry-After"]) <= 61
    assert client.get("/costs/", headers={"Authorization": f"Bearer {second}"}).status_code == 200
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("limit", [1, 50, 250])
def test_two_processes_and_many_threads_share_one_rate(serve: Serve, built: Services, limit: int) -> None:
    token = access.issue(built, "ci", ["read"])
    served = [serve({"KUMO_RATE_LIMIT": str(limit)}).application for _ in range(2)]

    def ask(number: int) -> Response:
        return served[number % 2].test_client().get("/costs/", headers={"Authorization": f"Bearer {token}"})

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(limit + 60)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 429}
    # At the end each thread may have taken a share that nobody uses.
    unspent = 16 * max(1, limit // 100)
    assert limit - unspent <= statuses[200] <= limit
    assert all(0 <= int(answer.headers["RateLimit-Remaining"]) < limit for answer in answers)


def test_a_preflight_needs_no_key(serve: Serve, built: Services) -> None:
    access.issue(built, "ci", ["read"])
    client = serve({"KUMO_CORS_ORIGINS": "https://finops.example"})
    asked = {"Origin": "https://finops.example", "Access-Control-Request-Method": "GET"}
    answer = client.options("/costs/", headers=asked | {"Access-Control-Request-Headers": "authorization"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://finops.example"
    assert "Access-Control-Allow-Origin" not in serve().get("/costs/", headers=asked).headers
