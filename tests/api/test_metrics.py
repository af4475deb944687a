"""Figures for Prometheus, read by its own parser."""

from collections.abc import Callable

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families


def figures(client: FlaskClient) -> dict[str, float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {sample.name: sample.value for family in families for sample in family.samples}


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
