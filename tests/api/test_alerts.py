"""Alerts are listed newest first, found by each filter, and show their delivery."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from kumo.engine import delivery
from kumo.services import Services
from tests.api.bills import Row, ids, listed, paged
from tests.api.conftest import Serve
from tests.api.episodes import jump
from tests.fakes.slack import FakeSlack

IDENTITY = {"service": "EC2", "provider": "AWS", "account": "production", "region": "eu-west-1", "currency": "EUR"}
FIGURES = ("amount", "mean", "stddev", "z", "n", "impact")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as running:
        yield running


@pytest.fixture
def alerts(client: FlaskClient, judged: Callable[[], None]) -> list[Row]:
    """One alert of each of five services, and a test: as they are listed."""
    for number in range(5):
        jump(client, judged, 10 + number, service=f"s{number}", region=f"r{number % 2}")
    client.post("/alerts/test")
    return listed(client, "/alerts/")


def test_an_alert_shows_the_figures_of_its_cost(client: FlaskClient, judged: Callable[[], None]) -> None:
    spike = jump(client, judged, 10, **IDENTITY)
    [alert] = listed(client, "/alerts/")
    assert client.get(f"/alerts/{alert['id']}").get_json() == alert
    assert {name: alert[name] for name in IDENTITY} == IDENTITY
    assert {name: alert[name] for name in FIGURES} == {name: spike[name] for name in FIGURES}
    assert (alert["entry"], alert["anomaly"], alert["timestamp"]) == (spike["id"], spike["anomaly"], spike["timestamp"])
    assert (alert["kind"], alert["state"], alert["attempts"], alert["destination"]) == ("opened", "pending", 0, "slack")
    assert (alert["last_answer"], alert["sent_at"], alert["repeat"]) == (None, None, False)


def test_a_test_alert_is_where_its_location_says(client: FlaskClient) -> None:
    answer = client.post("/alerts/test")
    alert = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/alerts/{alert['id']}"
    assert client.get(answer.headers["Location"]).get_json() == alert
    assert (alert["kind"], alert["state"], alert["entry"], alert["anomaly"]) == ("test", "pending", None, None)
    assert {alert[name] for name in FIGURES} == {None}


def test_what_became_of_an_alert_is_shown(serve: Serve, slack: FakeSlack) -> None:
    client = serve({"SLACK_WEBHOOK_URL": slack.url})
    alert = client.post("/alerts/test").get_json()
    delivery.send_due(client.application.extensions["kumo"])
    sent = client.get(f"/alerts/{alert['id']}").get_json()
    assert (sent["state"], sent["attempts"]) == ("sent", 1)
    assert "HTTP 200" in sent["last_answer"]
    assert sent["sent_at"] >= alert["created_at"]
    assert listed(client, "/alerts/", state="sent") == [sent]
    assert len(slack.messages) == 1


def test_an_alert_without_destination_is_kept(client: FlaskClient, built: Services) -> None:
    client.post("/alerts/test")
    delivery.send_due(built)
    [alert] = listed(client, "/alerts/", state="no destination")
    assert "SLACK_WEBHOOK_URL" in alert["last_answer"]
    assert alert["due_at"] > alert["created_at"]


def test_the_one_raised_last_comes_first(client: FlaskClient, alerts: list[Row]) -> None:
    assert alerts == sorted(alerts, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    assert len(alerts) == 6
    assert listed(client, "/alerts/", skip=2, limit=3) == alerts[2:5]
    for limit in (1, 4, 6):
        assert paged(client, "/alerts/", limit=limit) == alerts


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"service": "s1"}, "1"),
        ({"region": "r0"}, "024"),
        ({"region": "r0", "state": "pending", "currency": "USD"}, "024"),
        ({"region": "r0", "service": "s1"}, ""),
        ({"state": "sent"}, ""),
        ({"account": "x"}, ""),
        ({"from": "2026-01-01"}, "01234"),
        ({"to": "2026-01-01"}, ""),
    ],
)
@pytest.mark.usefixtures("alerts")
def test_each_filter_finds_exactly_its_own(client: FlaskClient, query: dict[str, str], expected: str) -> None:
    rows = [row for row in listed(client, "/alerts/", **query) if row["kind"] != "test"]
    assert {row["service"] for row in rows} == {f"s{number}" for number in expected}
    assert [row for row in paged(client, "/alerts/", limit=1, **query) if row["kind"] != "test"] == rows


def test_alerts_are_found_by_when_they_were_raised(client: FlaskClient, alerts: list[Row]) -> None:
    middle = alerts[2]["created_at"]
    newer = [row for row in alerts if row["created_at"] >= middle]
    assert ids(listed(client, "/alerts/", **{"from": middle})) == ids(newer)
    assert ids(listed(client, "/alerts/", to=middle)) == ids(row for row in alerts if row not in newer)
