"""Figures for Prometheus, read by its own parser."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from redis import Redis

from kumo.engine import delivery, liveness
from kumo.services import Services
from tests.api.conftest import Serve
from tests.api.figures import samples, value
from tests.api.refusals import first_error
from tests.fakes.slack import FakeSlack
from tests.stack import eventually


def figures(client: FlaskClient) -> dict[str, float]:
    return {name: value for (name, _), value in samples(client).items()}


def test_figures_follow_what_happens(client: FlaskClient, judged: Callable[[], None]) -> None:
    assert figures(client)["kumo_arrivals_total"] == 0
    rows = [{"service": "AWS EC2", "amount": 50 + number % 3} for number in range(20)]
    client.post("/ingest/batch", json=[*rows, {"service": "AWS EC2", "amount": 500}])
    found = figures(client)
    assert (found["kumo_arrivals_total"], found["kumo_pending"], found["kumo_judged_total"]) == (21, 21, 0)
    judged()
    found = figures(client)
    assert (found["kumo_pending"], found["kumo_judged_total"]) == (0, 21)
    assert (found["kumo_anomalies_open"], found["kumo_alerts_due"], found["kumo_destination_on"]) == (1, 1, 1)


def test_figures_asked_for_by_name_are_measured_alone(client: FlaskClient, redis_client: Redis) -> None:
    client.get("/metrics")
    before = redis_client.info("commandstats")["cmdstat_hvals"]["calls"]
    found = samples(client, "?name[]=kumo_pending&name[]=kumo_arrivals_total&name[]=unknown")
    assert [name for name, _ in found] == ["kumo_arrivals_total", "kumo_pending"]
    assert redis_client.info("commandstats")["cmdstat_hvals"]["calls"] == before


def test_a_kind_of_worker_that_never_ran_is_silent_without_end(client: FlaskClient, built: Services) -> None:
    liveness.record_heartbeat(built, "judge")
    assert value(client, "kumo_worker_silence_seconds", worker="importer") == float("inf")
    assert value(client, "kumo_worker_silence_seconds", worker="judge") != float("inf")


def test_the_oldest_pending_arrival_has_an_age(client: FlaskClient, judged: Callable[[], None]) -> None:
    assert value(client, "kumo_pending_oldest_seconds") == 0
    client.post("/ingest/batch", json=[{"service": f"s{number}", "amount": 1} for number in range(20)])
    eventually(lambda: (value(client, "kumo_pending_oldest_seconds") or 0) > 0)
    judged()
    assert value(client, "kumo_pending_oldest_seconds") == 0


def test_alerts_are_shown_by_state_and_the_time_from_a_cost_to_its_alert_is_counted(
    serve: Serve, judged: Callable[[], None]
) -> None:
    with FakeSlack() as slack:
        client = serve({"SLACK_WEBHOOK_URL": slack.url})
        rows = [{"service": "AWS EC2", "amount": 50 + number % 3} for number in range(20)]
        client.post("/ingest/batch", json=[*rows, {"service": "AWS EC2", "amount": 500}])
        judged()
        assert value(client, "kumo_alerts_by_state", state="pending") == 1
        assert eventually(lambda: value(client, "kumo_alerts_oldest_seconds", state="pending"))
        delivery.send_due(client.application.extensions["kumo"])
    assert value(client, "kumo_alerts_by_state", state="pending") == 0
    assert value(client, "kumo_alerts_by_state", state="sent") == 1
    assert value(client, "kumo_alerts_oldest_seconds", state="sent") is None
    within = [value(client, "kumo_delivery_seconds_bucket", le=le) for le in ("0.25", "300", "3600", "+Inf")]
    assert within[0] in {0, 1}
    assert within[2:] == [1, 1]
    assert value(client, "kumo_delivery_seconds_count") == 1
    assert (value(client, "kumo_delivery_seconds_sum") or 0) > 0


@pytest.mark.parametrize("names", [["kumo_pending"] * 51, [""], ["a" * 65], ["kumo pending"], ["\x00"]])
def test_figures_that_cannot_be_are_refused(client: FlaskClient, names: list[str]) -> None:
    error = first_error(client.get("/metrics", query_string=[("name[]", name) for name in names]))
    assert (error["field"], "at most 50 metrics" in error["detail"]) == ("name[]", True)
