"""Anomalies are listed newest first, found by each filter, and follow what becomes of their costs."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.api.bills import Row, ids, listed, paged
from tests.api.episodes import at, jump
from tests.api.refusals import refused

IDENTITY = {"service": "EC2", "provider": "AWS", "account": "production", "region": "eu-west-1", "currency": "EUR"}


@pytest.fixture
def spikes(client: FlaskClient, judged: Callable[[], None]) -> list[Row]:
    """Costs that opened one anomaly each, the oldest first; those of service s2 and s3 at the same time."""
    hours = [10, 20, 30, 30, 50]
    return [
        jump(client, judged, hour, service=f"s{number}", region=f"r{number % 2}") for number, hour in enumerate(hours)
    ]


def test_an_anomaly_tells_of_its_episode(client: FlaskClient, judged: Callable[[], None]) -> None:
    spike = jump(client, judged, 10, **IDENTITY)
    client.post("/ingest/", json=IDENTITY | {"amount": 600, "timestamp": at(11)})
    judged()
    anomaly = client.get(f"/anomalies/{spike['anomaly']}").get_json()
    assert listed(client, "/anomalies/") == [anomaly]
    assert {name: anomaly[name] for name in IDENTITY} == IDENTITY
    assert (anomaly["id"], anomaly["opened_by"], anomaly["series"]) == (spike["anomaly"], spike["id"], spike["series"])
    assert (anomaly["first_seen"][:13], anomaly["last_seen"][:13]) == ("2026-01-01T10", "2026-01-01T11")
    costs = listed(client, "/costs/", status="anomaly")
    assert (anomaly["status"], anomaly["entries"], anomaly["alerts"]) == ("open", 2, 1)
    assert anomaly["peak_z"] == max(cost["z"] for cost in costs)
    assert anomaly["impact"] == pytest.approx(sum(cost["impact"] for cost in costs))
    assert float(anomaly["impact_exact"]) == anomaly["impact"]


def test_two_calm_costs_close_it(client: FlaskClient, judged: Callable[[], None]) -> None:
    spike = jump(client, judged, 10, service="x")
    for hour, status in ((11, "open"), (12, "closed")):
        client.post("/ingest/", json={"service": "x", "amount": 51, "timestamp": at(hour)})
        judged()
        assert client.get(f"/anomalies/{spike['anomaly']}").get_json()["status"] == status
        assert ids(listed(client, "/anomalies/", status=status)) == [spike["anomaly"]]


def test_a_correction_withdraws_it(client: FlaskClient, judged: Callable[[], None]) -> None:
    spike = jump(client, judged, 10, service="x")
    client.post("/ingest/", json={"service": "x", "amount": 51, "external_id": spike["external_id"]})
    judged()
    assert client.get(f"/anomalies/{spike['anomaly']}").get_json()["status"] == "withdrawn"
    assert listed(client, "/anomalies/", status="open") == []
    assert listed(client, "/anomalies/", status="withdrawn")[0]["impact_exact"] == "0"


def test_the_one_that_began_last_comes_first(client: FlaskClient, spikes: list[Row]) -> None:
    rows = listed(client, "/anomalies/")
    assert [row["service"] for row in rows][0::4] == ["s4", "s0"]
    assert rows == sorted(rows, key=lambda row: (row["opened_at"], row["id"]), reverse=True)
    assert {row["id"] for row in rows} == {spike["anomaly"] for spike in spikes}
    assert listed(client, "/anomalies/", skip=1, limit=2) == rows[1:3]
    for limit in (1, 2, 5):
        assert paged(client, "/anomalies/", limit=limit) == rows


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"service": "s1"}, "1"),
        ({"region": "r0"}, "024"),
        ({"region": "r0", "status": "open", "currency": "USD"}, "024"),
        ({"region": "r0", "service": "s1"}, ""),
        ({"status": "closed"}, ""),
        ({"provider": ""}, "01234"),
        ({"account": "x"}, ""),
        ({"from": at(20)}, "1234"),
        ({"to": at(20)}, "0"),
        ({"from": at(20), "to": at(31)}, "123"),
        ({"from": "2026-01-02", "to": "2026-01-02"}, "23"),
    ],
)
@pytest.mark.usefixtures("spikes")
def test_each_filter_finds_exactly_its_own(client: FlaskClient, query: dict[str, str], expected: str) -> None:
    rows = listed(client, "/anomalies/", **query)
    assert {row["service"] for row in rows} == {f"s{number}" for number in expected}
    assert paged(client, "/anomalies/", limit=1, **query) == rows


def test_a_person_says_what_it_was(client: FlaskClient, judged: Callable[[], None]) -> None:
    where = f"/anomalies/{jump(client, judged, 10, service='x')['anomaly']}"
    assert client.get(where).get_json()["feedback"] is None
    answer = client.post(f"{where}/feedback", json={"verdict": "planned", "comment": "Load test <b>"})
    assert answer.status_code == 200
    said = answer.get_json()["feedback"]
    assert (said["verdict"], said["comment"], said["by"]) == ("planned", "Load test <b>", "")
    assert client.get("/anomalies/").get_json()[0]["feedback"] == said
    assert 'kumo_feedback{word="planned"} 1.0' in client.get("/metrics").get_data(as_text=True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "verdict"),
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": ["planned"]}, "verdict"),
        ({"verdict": "planned", "comment": 1}, "comment"),
        ({"verdict": "planned", "comment": "x" * 1001}, "comment"),
        ({"verdict": "planned", "more": 1}, "more"),
    ],
)
def test_what_is_no_feedback_is_refused(
    client: FlaskClient, judged: Callable[[], None], body: dict[str, object], field: str
) -> None:
    where = f"/anomalies/{jump(client, judged, 10, service='x')['anomaly']}"
    answer = client.post(f"{where}/feedback", json=body)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert client.get(where).get_json()["feedback"] is None


def test_it_is_explained_in_words_with_numbers(client: FlaskClient, judged: Callable[[], None]) -> None:
    spike = jump(client, judged, 10, service="x")
    why = client.get(f"/anomalies/{spike['anomaly']}/explain").get_json()
    assert why["words"][0] == spike["reason"]
    assert {name: why[name] for name in ("amount", "z", "score", "threshold", "n", "detector")} == {
        name: spike[name] for name in ("amount", "z", "score", "threshold", "n", "detector")
    }
    assert (why["expected"], why["spread"], why["policy"]) == (spike["mean"], spike["stddev"], None)


def test_of_what_is_not_there_nothing_is_said(client: FlaskClient) -> None:
    where = "/anomalies/aaaaaaaaaaaaaaaa-0000000001"
    assert client.get(f"{where}/explain").status_code == 404
    assert client.post(f"{where}/feedback", json={"verdict": "planned"}).status_code == 404


def test_feedback_is_given_and_taken_back(client: FlaskClient, judged: Callable[[], None]) -> None:
    place = f"/anomalies/{jump(client, judged, 10, service='x')['anomaly']}"
    given = client.post(f"{place}/feedback", json={"verdict": "planned"}).get_json()
    assert given["feedback"]["verdict"] == "planned"
    tag = client.get("/anomalies/").headers["ETag"]
    for _ in range(2):
        answer = client.delete(f"{place}/feedback")
        assert (answer.status_code, answer.get_json()) == (200, given | {"feedback": None})
    assert client.get(place).get_json()["feedback"] is None
    assert client.get("/anomalies/").headers["ETag"] != tag
    refused(client.delete("/anomalies/aaaaaaaaaaaaaaaa-0000000001/feedback"), 404)
