"""Each write leaves a line: key, address, path, result, and request id."""

import logging
from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from kumo.engine.ops import access
from kumo.services import Services
from tests.api.episodes import jump

COST = {"service": "x", "amount": 1}


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kumo.audit")


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "kumo.audit"]


def bearer(built: Services, name: str, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.issue(built, name, [scope])}"}


def test_policies_alerts_and_feedback(
    client: FlaskClient, judged: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    spike = jump(client, judged, 1, service="x")
    client.put("/policies/prod", json={"min_impact": 12345})
    client.delete("/policies/prod?key=secret")
    client.delete("/policies/prod")
    test = client.post("/alerts/test").headers["Location"]
    feedback = f"/anomalies/{spike['anomaly']}/feedback"
    client.post(feedback, json={"verdict": "planned", "comment": "secret"})
    assert told(caplog) == [
        "key=none from=127.0.0.1 PUT /policies/prod: 200",
        "key=none from=127.0.0.1 DELETE /policies/prod: 204",
        "key=none from=127.0.0.1 DELETE /policies/prod: 404",
        f"key=none from=127.0.0.1 POST /alerts/test -> {test}: 202",
        f"key=none from=127.0.0.1 POST {feedback}: 200",
    ]


def test_imports(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    client.post("/imports/", data={"file": (BytesIO(b"a,b\n1,2\n"), "secret.csv")})
    client.delete("/imports/99")
    assert told(caplog) == [
        "key=none from=127.0.0.1 POST /imports/ -> /imports/1: 202",
        "key=none from=127.0.0.1 DELETE /imports/99: 404",
    ]


def test_whose_key_it_is_also_where_it_is_refused(
    client: FlaskClient, built: Services, caplog: pytest.LogCaptureFixture
) -> None:
    client.put("/policies/prod", json={}, headers=bearer(built, "finops", "admin"))
    client.put("/policies/prod", json={}, headers=bearer(built, "viewer", "read"))
    client.put("/policies/prod", json={}, headers={"Authorization": "Bearer kumo_finops_" + "a" * 43})
    client.delete("/policies/prod", headers={"Origin": "https://evil.example"})
    assert told(caplog) == [
        "key=finops from=127.0.0.1 PUT /policies/prod: 200",
        "key=viewer from=127.0.0.1 PUT /policies/prod: 403",
        "key=none from=127.0.0.1 PUT /policies/prod: 401",
        "key=none from=127.0.0.1 DELETE /policies/prod: 403",
    ]


def test_what_reads_and_what_records_costs_leaves_none(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/costs/")
    client.post("/ingest/", json=COST)
    client.post("/ingest/batch", json=[COST])
    client.options("/policies/prod")
    client.delete("/nothing")
    assert told(caplog) == []
