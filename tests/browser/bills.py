"""Data for the page: sixty days of the made-up company, and series with spikes."""

from datetime import UTC, datetime
from typing import Final

from kumo.domain.entries import MAX_BATCH
from kumo.sample import days
from tests.stack import Stack, eventually

CALM: Final = (50, 51, 49, 50.5, 50, 49.5, 51, 50, 49, 50.5, 50, 51)


def settled(kumo: Stack) -> bool:
    """Return whether all costs are judged and all alerts are sent."""
    waiting = kumo.get("/costs/", status="pending", limit=1).json()
    alerts = kumo.get("/alerts/", limit=1000).json()
    return not waiting and all(row["state"] == "sent" for row in alerts)


def load_company(kumo: Stack) -> None:
    """Send the sample up to now with its spike, and wait until it is judged and its alerts are sent."""
    now = datetime.now(UTC)
    costs = [*days.list_history(now), *days.list_today(now), days.make_spike(now)]
    for first in range(0, len(costs), MAX_BATCH):
        assert kumo.post(costs[first : first + MAX_BATCH], "/ingest/batch").status_code == 202
    eventually(lambda: settled(kumo))


def load_calm(kumo: Stack, service: str, **fields: str) -> None:
    """Send a history that is normal."""
    rows = [{"service": service, "amount": amount, **fields} for amount in CALM]
    assert kumo.post(rows, "/ingest/batch").status_code == 202
    eventually(lambda: settled(kumo))
