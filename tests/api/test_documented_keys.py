"""The document and the access control agree about keys, for every endpoint."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from kumo.api.access import scope_of

UNDOCUMENTED = {"docs", "dashboard"}  # the document itself, and pages
KEYLESS = {"/", "/healthz", "/readyz"}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").get_json()
    return found


def served(client: FlaskClient) -> dict[tuple[str, str], str | None]:
    """Every operation that there is, as the document writes it, with the scope that the door asks for."""
    return {
        (re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule), method.lower()): scope_of(rule.endpoint, method)
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.partition(".")[0] not in UNDOCUMENTED
    }


def documented(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_the_document_has_every_endpoint(client: FlaskClient, document: dict[str, Any]) -> None:
    assert set(documented(document)) == set(served(client))


def test_it_names_the_scope_that_each_asks_for(client: FlaskClient, document: dict[str, Any]) -> None:
    scopes = served(client)
    for place, operation in documented(document).items():
        asked = [{"bearerAuth": [str(scopes[place])]}] if scopes[place] else None
        assert operation.get("security") == asked, place
        assert ({"401", "403", "429"} <= set(operation["responses"])) is bool(asked), place
    assert {path for path, _ in scopes if scopes[path, _] is None} == KEYLESS


def test_it_says_how_a_key_is_sent_and_what_a_key_may_do(document: dict[str, Any]) -> None:
    scheme = document["components"]["securitySchemes"]["bearerAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    headers = document["components"]["responses"]["Problem429"]["headers"]
    assert set(headers) == {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"}
    assert "WWW-Authenticate" in document["components"]["responses"]["Problem401"]["headers"]
    assert "Retry-After" in document["components"]["responses"]["Problem503"]["headers"]


def test_it_holds_no_secret_and_no_address(client: FlaskClient) -> None:
    text = client.get("/openapi.json").text
    assert not re.search(r"redis://|hooks\.slack\.com/services|127\.0\.0\.1|kumo_[a-z]+_[A-Za-z0-9]{43}", text)
