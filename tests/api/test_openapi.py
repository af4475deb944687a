"""The document is correct and the API follows it, tested by a tool that knows only the document."""

import os
import subprocess
import sys
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types of its own
import pytest
import requests
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from kumo import services, settings
from kumo.domain.access import KeyScope
from kumo.engine.ops import access
from tests.stack import Stack, eventually, stack

# All checks of Schemathesis are on; tests/api/documented.py has additional information for it.
# A forgotten import stays in the list and says so.
RUN = [
    "run",
    "--checks=all",
    "--exclude-checks=use_after_free",
    "--max-examples=25",
    "--generation-deterministic",
    "--continue-on-failure",
]


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").get_json()
    return found


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values() if "responses" in operation]


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference within the document."""
    for part in node.get("$ref", "#").split("/")[1:]:
        document = document[part]
    return document if "$ref" in node else node


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "Kumo"


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    assert all(operation["summary"] for operation in operations(document))
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_refusal_is_a_problem_document(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "4":
                assert list(resolved(document, response)["content"]) == ["application/problem+json"]


def test_every_request_and_answer_has_an_example_that_its_schema_allows(document: dict[str, Any]) -> None:
    for operation in operations(document):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        answers = [
            response for status, response in operation["responses"].items() if status != "204" and status[0] != "3"
        ]
        for holder in [*bodies, *answers]:
            for mimetype, content in resolved(document, holder)["content"].items():
                assert "example" in content, operation["operationId"]
                if "json" in mimetype.removesuffix("ndjson").removesuffix("jsonl"):
                    jsonschema.validate(content["example"], content["schema"] | {"components": document["components"]})


@pytest.mark.timeout(300)
def test_the_api_does_what_its_document_says(redis_url: str) -> None:
    built = services.build(settings.load({"REDIS_URL": redis_url}))
    token = access.issue(built, "schemathesis", [KeyScope.ADMIN])
    with stack(redis_url, "web", "judge", KUMO_RATE_LIMIT="0") as running:
        _fill(running, token)
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *RUN, f"--header=Authorization: Bearer {token}", _at(running)],
            env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.api.documented"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr


def _at(running: Stack) -> str:
    return f"{running.url}/openapi.json"


def _fill(running: Stack, token: str) -> None:
    """Give every listing something to show: costs, a series, an anomaly, an alert."""
    key = {"Authorization": f"Bearer {token}"}
    entries = [{"service": "AWS EC2", "amount": 50 + place % 3} for place in range(20)]
    assert running.post([*entries, {"service": "AWS EC2", "amount": 500}], "/ingest/batch", **key).status_code == 202
    eventually(lambda: requests.get(f"{running.url}/anomalies/", headers=key, timeout=5).json())
