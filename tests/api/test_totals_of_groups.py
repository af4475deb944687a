"""On running processes: what people pay in an account is judged, and read at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.stack import Stack, eventually, stack

DAYS = 20
PLACES = [(account, service) for account in ("prod", "test") for service in ("EC2", "S3", "RDS")]


@pytest.fixture
def kumo(redis_url: str) -> Iterator[Stack]:
    with stack(redis_url, "web", "judge") as running:
        yield running


def cost(account: str, service: str, amount: float, day: str) -> dict[str, Any]:
    return {"account": account, "service": service, "amount": amount, "timestamp": f"{day}T00:00:00Z"}


@pytest.mark.slow
def test_an_account_whose_services_all_rise_is_an_anomaly_of_the_account(kumo: Stack) -> None:
    today = datetime.now(UTC).date()
    days = [str(today - timedelta(days=ago)) for ago in range(DAYS, -1, -1)]
    usual = [cost(*place, 50 + number % 3, day) for number, day in enumerate(days[:-1]) for place in PLACES]
    assert kumo.post(usual, "/ingest/batch").status_code == 202

    def statuses(day: str) -> dict[str, str]:
        found = [kumo.get(f"/groups/{row['id']}").json() for row in kumo.get("/groups/", dimension="account").json()]
        return {row["value"]: one["status"] for row in found for one in row["periods"] if one["period"] == day}

    # A census that found no complete days is taken again after half a minute.
    eventually(lambda: set(statuses(days[-3]).values()) == {"normal"}, seconds=90)
    jump = [cost("prod", service, 65, days[-1]) for _, service in PLACES[:3]]
    assert kumo.post(jump, "/ingest/batch").status_code == 202
    eventually(lambda: statuses(days[-1]) == {"prod": "anomaly"})
    [row] = [row for row in kumo.get("/groups/", dimension="account").json() if row["value"] == "prod"]
    assert (row["last_period"], row["total"], row["usual"] < 160) == (days[-1], 195.0, True)

    answer = kumo.post(cost("prod", "EC2", 500, days[-1]), Prefer="wait=10")
    assert answer.status_code == 200
    total = answer.json()["total"]
    assert (total["period"], total["amount"], total["status"]) == (days[-1], 565.0, "anomaly")
    assert 45 < total["usual"] < total["limit"] < 565
    [newest] = kumo.get(f"/series/{answer.json()['series']}/periods", limit=1).json()
    assert {name: newest[name] for name in total if name != "amount"} | {"amount": newest["total"]} == total
