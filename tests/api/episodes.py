"""Anomalies on order: twenty ordinary costs, then a jump, in as many series as wanted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

Row = dict[str, Any]
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: int) -> str:
    return (START + timedelta(hours=hours)).isoformat()


def jump(client: FlaskClient, judged: Callable[[], None], hours: int, **identity: str) -> Row:
    """Record ordinary costs and a jump at this hour; returns the jump, judged."""
    rows = [{"amount": 50 + number % 3, "timestamp": at(hours - 1)} | identity for number in range(20)]
    client.post("/ingest/batch", json=rows)
    spike = {"amount": 500, "timestamp": at(hours), "external_id": f"spike {hours}"} | identity
    answer = client.post("/ingest/", json=spike)
    judged()
    cost: Row = client.get(answer.headers["Location"]).get_json()
    assert cost["status"] == "anomaly"
    return cost
