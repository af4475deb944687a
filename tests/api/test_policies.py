"""Policies are put, shown in the order in which they are asked, and removed."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from kumo.engine import policies
from kumo.schemas.policies import RuleBody

FULL: dict[str, Any] = RuleBody.example()


def test_a_policy_is_kept_as_it_was_put(client: FlaskClient) -> None:
    answer = client.put("/policies/production", json=FULL)
    assert answer.status_code == 200
    assert answer.get_json() == FULL | {"name": "production"}
    assert client.get("/policies/production").get_json() == answer.get_json()


def test_what_is_left_out_or_null_is_as_the_settings_say(client: FlaskClient) -> None:
    nothing = dict.fromkeys(FULL)
    shown = nothing | {"name": "all", "position": 0, "tags": {}, "combine": "and"}
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
    assert [rule["name"] for rule in client.get("/policies/").get_json()] == ["b", "c", "a"]


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
        ("policy", "best"), ("policy", ["zscore"]), ("threshold", 0), ("threshold", "3"), ("min_impact", -1),
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
