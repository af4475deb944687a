"""What recording one cost answers, at once or with the verdict."""

from contextlib import ExitStack
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kumo.api import ingest
from kumo.domain.entries import Series
from kumo.services import Services
from tests.api.conftest import Serve

COST = {"service": "AWS EC2", "amount": 50.5}
FULL = {
    "service": "AWS EC2",
    "amount": "50.500000",
    "currency": "EUR",
    "timestamp": "2026-01-31T10:00:00.123456+01:00",
    "provider": "AWS",
    "account": "production",
    "region": "eu-west-1",
    "tags": {"team": "search", "": ""},
    "external_id": "bill-2026-01/4711",
    "quantity": 744,
    "unit": "Hours",
    "resource": "i-1",
    "charge_category": None,
}
VERDICT = {
    "is_anomaly",
    "z",
    "score",
    "mean",
    "stddev",
    "n",
    "threshold",
    "detector",
    "cause",
    "impact",
    "impact_percent",
    "reason",
    "anomaly",
    "total",
}
# An answer that waits for no verdict does not read the total of the day either.
UNKNOWN = {"total": None}


def post(client: FlaskClient, body: object, path: str = "/ingest/", **headers: str) -> TestResponse:
    return client.post(path, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


def test_a_cost_is_answered_with_where_it_is(client: FlaskClient) -> None:
    answer = post(client, FULL)
    cost = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/costs/{cost['id']}"
    assert client.get(answer.headers["Location"]).get_json() | UNKNOWN == cost
    assert {name: cost[name] for name in VERDICT} == dict.fromkeys(VERDICT)
    shown = {"amount": 50.5, "amount_exact": "50.5", "timestamp": "2026-01-31T09:00:00.123Z", "status": "pending"}
    shown |= {"quantity_exact": "744", "billed": None, "contributors": [], "other_contributors": None, "parts": {}}
    assert {name: value for name, value in cost.items() if name not in VERDICT | {"id", "series"}} == FULL | shown
    assert cost["series"] == cost["id"].partition("-")[0]
    assert cost["series"] == Series("AWS EC2", "EUR", "AWS", "production", "eu-west-1").id


def test_a_cost_in_another_spelling_is_answered_and_shown_in_the_first(client: FlaskClient) -> None:
    post(client, FULL)
    answer = post(client, FULL | {"service": "aws\u00a0 ec2", "account": "PRODUCTION", "external_id": "2"})
    cost = answer.get_json()
    assert (cost["service"], cost["account"]) == ("AWS EC2", "production")
    assert client.get(answer.headers["Location"]).get_json() | UNKNOWN == cost
    assert len(client.get("/costs/?service=AWS%20ec2&account=Production").get_json()) == 2


@pytest.mark.parametrize("service", [" ", "\u200b", "\u3164", "\u0301"])
def test_a_service_that_cannot_be_seen_is_refused(client: FlaskClient, service: str) -> None:
    for body, path in ((COST | {"service": service}, "/ingest/"), ([COST | {"service": service}], "/ingest/batch")):
        answer = post(client, body, path)
        assert answer.status_code == 422
        assert "must not be invisible" in answer.get_json()["errors"][0]["detail"]


def test_what_is_not_said_has_a_default(client: FlaskClient, built: Services) -> None:
    before = built.clock()
    cost = post(client, COST | {"tags": None, "region": None, "external_id": None, "timestamp": None}).get_json()
    assert (cost["currency"], cost["provider"], cost["account"], cost["region"]) == ("USD", "", "", "")
    assert (cost["tags"], cost["external_id"]) == ({}, None)
    [stored] = client.get("/costs/?from=" + cost["timestamp"]).get_json()
    assert stored | UNKNOWN == cost
    series = client.get(f"/series/{cost['series']}").get_json()
    assert series["last_at"] == cost["timestamp"]
    assert built.clock() - before < 10_000


@pytest.mark.parametrize(
    ("raw", "exact"),
    [
        ("50.123456789", "50.123457"),
        ("1.0000005", "1"),
        ("1.0000015", "1.000002"),
        ("-1.0000025", "-1.000002"),
        ('"0.000000500000000000000000000000000000001"', "0.000001"),
        ("0.1234567890123456789012345678901234567890", "0.123457"),
        ("1000000000000", "1000000000000"),
        ("-1000000000000.0000005", "-1000000000000"),
        ('"999999999999.999999"', "999999999999.999999"),
        ("999999999999.9999995", "1000000000000"),
        ("0", "0"),
        ("-0.0", "0"),
        ('"1.86E-4"', "0.000186"),
        ("5e1", "50"),
        ("1e-9999", "0"),
        ('"+7"', "7"),
    ],
)
def test_amounts_are_rounded_once_half_to_even(client: FlaskClient, raw: str, exact: str) -> None:
    body = f'{{"service": "x", "amount": {raw}}}'
    cost = client.post("/ingest/", data=body, content_type="application/json").get_json()
    assert cost["amount_exact"] == exact
    assert cost["amount"] == float(exact)
    assert client.get(f"/series/{cost['series']}").get_json()["sum"] == exact


@pytest.mark.parametrize(
    "field",
    [
        {"service": "x" * 200},
        {"service": "\U0001f4a5" * 200},
        {"external_id": "x" * 200},
        {"tags": {f"{number:0200}": "y" * 200 for number in range(50)}},
        {"quantity": "-1000000000000", "unit": "\n\0[" + "\U0001f4a5" * 197},
        {"unit": "GB"},
        {"quantity": 0},
        {"resource": "\U0001f4a5" * 200, "external_id": '"5 [\n'},
        {"timestamp": "1970-01-01T00:00:00.000Z"},
        {"timestamp": "1970-01-01T23:59:59.999+23:59"},
    ],
    ids=str,
)
def test_what_lies_just_within_the_limits_is_taken(client: FlaskClient, field: dict[str, Any]) -> None:
    answer = post(client, COST | field)
    assert answer.status_code == 202
    assert client.get(answer.headers["Location"]).get_json() | UNKNOWN == answer.get_json()


@pytest.mark.usefixtures("judging")
def test_who_prefers_to_wait_gets_the_verdict(client: FlaskClient) -> None:
    answer = post(client, COST, Prefer="respond-async, wait=5; foo=bar")
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=5"
    assert answer.get_json()["is_anomaly"] is False
    assert client.get(answer.headers["Location"]).get_json() == answer.get_json()


@pytest.mark.usefixtures("judging")
def test_nobody_waits_longer_than_ten_seconds(client: FlaskClient) -> None:
    assert post(client, COST, Prefer="wait=99").headers["Preference-Applied"] == "wait=10"


def test_a_verdict_that_does_not_come_in_time_is_pending(client: FlaskClient) -> None:
    answer = post(client, COST, Prefer="wait=1")
    assert (answer.status_code, answer.get_json()["status"]) == (202, "pending")
    assert answer.headers["Preference-Applied"] == "wait=1"


def test_no_more_wait_than_may_and_the_others_are_answered_at_once(client: FlaskClient, serve: Serve) -> None:
    with ExitStack() as waiting:
        for _ in range(ingest.MOST_WAITERS):
            assert waiting.enter_context(ingest._waiter(1))
        for answer in (post(client, COST, Prefer="wait=10"), post(serve({"KUMO_INGEST_WAIT": "10"}), COST)):
            assert (answer.status_code, answer.get_json()["status"]) == (202, "pending")
            assert "Preference-Applied" not in answer.headers
    assert post(client, COST, Prefer="wait=1").headers["Preference-Applied"] == "wait=1"


def test_a_default_wait_is_not_a_preference(serve: Serve, built: Services) -> None:
    patient = serve({"KUMO_INGEST_WAIT": "0.2"})
    answer = post(patient, COST)
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers
    assert post(patient, COST, Prefer="wait=0").headers["Preference-Applied"] == "wait=0"
    assert built.settings.ingest_wait == 0


@pytest.mark.usefixtures("judging")
def test_a_default_wait_brings_the_verdict(serve: Serve) -> None:
    answer = post(serve({"KUMO_INGEST_WAIT": "2"}), COST)
    assert (answer.status_code, answer.get_json()["is_anomaly"]) == (200, False)
