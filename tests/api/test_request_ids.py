"""The id of a request: its own if that is well formed, else a new one; in each answer."""

import re

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Serve

MADE = re.compile(r"[0-9a-f]{16}")
PATHS = ["/", "/healthz", "/costs/", "/nothing", "/docs/", "/dashboard/", "/openapi.json"]


@pytest.mark.parametrize("given", ["a", "3f1c2e80-5d0b-4a77", "Root=1-67891233-abcdef", "x" * 64, "a/b+c=.:_-"])
def test_a_well_formed_one_is_kept(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a,b", "<b>", 'a"b', "\x1b[31m", "ä", "a;b", "[x]"])
def test_another_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/healthz", environ_overrides={"HTTP_X_REQUEST_ID": given})
    assert MADE.fullmatch(answer.headers["X-Request-Id"])


@pytest.mark.parametrize("path", PATHS)
def test_each_answer_has_one_of_its_own(client: FlaskClient, path: str) -> None:
    ids = [client.get(path, buffered=True).headers["X-Request-Id"] for _ in range(2)]
    assert len(set(ids)) == 2
    assert all(MADE.fullmatch(found) for found in ids)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/costs/x", {}, 404),
        ("/costs/?limit=x", {}, 422),
        ("/costs/", {"Host": "evil.example"}, 421),
        ("/costs/", {"Authorization": "Bearer x"}, 401),
    ],
)
def test_a_refusal_names_it(client: FlaskClient, path: str, headers: dict[str, str], status: int) -> None:
    answer = client.get(path, headers=headers | {"X-Request-Id": "mine"})
    assert (answer.status_code, answer.get_json()["request_id"]) == (status, "mine")


def test_pages_of_other_origins_may_read_it(serve: Serve) -> None:
    client = serve({"KUMO_CORS_ORIGINS": "https://a.b"})
    answer = client.get("/costs/", headers={"Origin": "https://a.b"})
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
