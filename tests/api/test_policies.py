"""Policies are put, shown in the order in which they are asked, and removed."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kumo.api.schemas.policies import PolicyBody
from kumo.engine.detection import policies
from tests.api.refusals import refused

FULL: dict[str, Any] = PolicyBody.example()
UNUSED = "The policy {} covers no series."
NOT = "0" * 40


def test_a_policy_is_kept_as_it_was_put(client: FlaskClient) -> None:
    answer = client.put("/policies/production", json=FULL)
    assert answer.status_code == 200
    assert answer.get_json() == FULL | {"name": "production", "warnings": [UNUSED.format("production")]}
    assert client.get("/policies/production").get_json() == FULL | {"name": "production"}


def test_what_is_left_out_or_null_is_as_the_settings_say(client: FlaskClient) -> None:
    nothing = dict.fromkeys(FULL)
    shown = nothing | {"name": "all", "position": 0, "tags": {}, "combine": "and", "warnings": [UNUSED.format("all")]}
    assert client.put("/policies/all", json={}).get_json() == shown
    assert client.put("/policies/all", json=nothing).get_json() == shown


def test_another_one_of_the_name_takes_its_place(client: FlaskClient) -> None:
    client.put("/policies/a", json={"threshold": 4})
    client.put("/policies/a", json={"min_impact": 0.000001})
    [only] = client.get("/policies/").get_json()
    assert (only["threshold"], only["min_impact"]) == (None, 0.000001)


def test_they_are_listed_as_they_are_asked(client: FlaskClient) -> None:
    for name, position in (("c", 1), ("a", 2), ("b", 1)):
        client.put(f"/policies/{name}", json={"position": position})
    assert [policy["name"] for policy in client.get("/policies/").get_json()] == ["b", "c", "a"]


def test_a_policy_that_is_removed_is_gone(client: FlaskClient) -> None:
    client.put("/policies/a", json={})
    assert client.delete("/policies/a").status_code == 204
    assert client.get("/policies/a").status_code == client.delete("/policies/a").status_code == 404
    assert client.get("/policies/").get_json() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("position", -1), ("position", 1.5), ("service", 3), ("service", "x" * 201), ("tags", ["a"]),
        ("tags", {"a": 1}),
        ("detector", "best"), ("detector", ["zscore"]), ("threshold", 0), ("threshold", "3"), ("min_impact", -1),
        ("min_impact", "1000"), ("min_impact_percent", -1), ("combine", "xor"), ("unknown", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(client: FlaskClient, field: str, value: object) -> None:
    answer = client.put("/policies/a", json={field: value})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [(error["field"], error["pointer"]) for error in answer.get_json()["errors"]] == [(field, f"#/{field}")]
    assert client.get("/policies/").get_json() == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [("{", "application/json", 400), ("[]", "application/json", 422), ("{}", "text/plain", 415)],
)
def test_a_body_that_is_none_is_refused(client: FlaskClient, body: str, kind: str, status: int) -> None:
    assert client.put("/policies/a", data=body, content_type=kind).status_code == status
    assert client.put("/policies/A%20b", json={}).status_code == 422


def test_there_is_an_end_to_them(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "MOST", 1)
    assert client.put("/policies/a", json={}).status_code == 200
    assert client.put("/policies/b", json={}).status_code == 409
    assert client.put("/policies/a", json={"threshold": 5}).status_code == 200


def put(client: FlaskClient, body: dict[str, Any], **headers: str) -> TestResponse:
    return client.put(
        "/policies/a", json=body, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def threshold(client: FlaskClient) -> float | None:
    found: float | None = client.get("/policies/a").get_json()["threshold"]
    return found


def test_a_change_goes_only_to_what_its_writer_has_seen(client: FlaskClient) -> None:
    first = put(client, {"threshold": 4}).headers["ETag"]
    assert client.get("/policies/a").headers["ETag"] == first
    second = put(client, {"threshold": 5}, If_Match=first).headers["ETag"]
    assert second != first
    problem = refused(put(client, {"threshold": 6}, If_Match=first), 412)
    assert "get it again" in problem["detail"]
    assert threshold(client) == 5
    assert client.delete("/policies/a", headers={"If-Match": first}).status_code == 412
    assert client.delete("/policies/a", headers={"If-Match": second}).status_code == 204


@pytest.mark.parametrize(
    ("header", "text", "status"),
    [
        ("If-Match", "*", 200),
        ("If-Match", f'"{NOT}", TAG', 200),
        ("If-Match", f'"{NOT}"', 412),
        ("If-Match", "W/TAG", 412),
        ("If-Match", "", 412),
        ("If-None-Match", "*", 412),
        ("If-None-Match", "TAG", 412),
        ("If-None-Match", f'"{NOT}"', 200),
    ],
)
def test_conditions_are_compared_strongly(client: FlaskClient, header: str, text: str, status: int) -> None:
    tag = put(client, {"threshold": 4}).headers["ETag"]
    answer = client.put("/policies/a", json={"threshold": 5}, headers={header: text.replace("TAG", tag)})
    assert answer.status_code == status
    assert threshold(client) == (5 if status == 200 else 4)


def test_a_policy_can_be_made_only_where_there_is_none(client: FlaskClient) -> None:
    assert put(client, {}, If_Match="*").status_code == 412
    assert put(client, {"threshold": 4}, If_None_Match="*").status_code == 200
    assert put(client, {"threshold": 5}, If_None_Match="*").status_code == 412
    assert threshold(client) == 4


def test_what_is_not_there_is_not_found_whatever_is_expected_of_it(client: FlaskClient) -> None:
    assert client.delete("/policies/a", headers={"If-Match": f'"{NOT}"'}).status_code == 404


def test_the_tag_is_that_of_the_content(client: FlaskClient) -> None:
    tags = [put(client, {"threshold": number}).headers["ETag"] for number in (4, 5, 4)]
    assert tags[0] == tags[2] != tags[1]
    assert client.get("/policies/a", headers={"If-None-Match": tags[0]}).status_code == 304
    assert client.get("/policies/a", headers={"If-None-Match": tags[1]}).status_code == 200


def test_what_can_hardly_ever_alert_is_said_where_it_is_put(client: FlaskClient) -> None:
    client.post("/ingest/", json={"service": "EC2", "amount": 70})
    assert put(client, {"service": "EC2", "min_impact": 70}).get_json()["warnings"] == []
    [warning] = put(client, {"service": "EC2", "min_impact": 70.01}).get_json()["warnings"]
    assert "will hardly ever alert" in warning
    assert "warnings" not in client.get("/policies/a").get_json()
