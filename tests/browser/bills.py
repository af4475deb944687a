"""Data for the page: sixty days of the made-up company, and series with spikes."""

from datetime import UTC, datetime
from typing import Final

from kumo.domain.entries import MAX_BATCH
from kumo.sample import days
from tests.stack import Stack, eventually

CALM: Final = (50, 51, 49, 50.5, 50, 49.5, 51, 50, 49, 50.5, 50, 51)


# Twenty thousand costs on a busy machine.
PATIENCE: Final = 180.0


def settled(kumo: Stack) -> bool:
    """Return whether all costs are judged and all alerts are sent."""
    waiting = kumo.get("/costs/", status="pending", limit=1).json()
    alerts = kumo.get("/alerts/", limit=1000).json()
    return not waiting and all(row["state"] == "sent" for row in alerts)


def load_company(kumo: Stack) -> None:
    """Send the sample and what happens to it today; wait until costs and totals are judged and alerts are sent."""
    now = datetime.now(UTC)
    past = list(days.list_history(now))
    for first in range(0, len(past), MAX_BATCH):
        assert kumo.post(past[first : first + MAX_BATCH], "/ingest/batch").status_code == 202
    eventually(lambda: settled(kumo), PATIENCE)
    today = [list(days.list_today(now)), [days.make_spike(now)], days.list_leak(now), days.list_new_region(now)]
    for costs in today:
        assert kumo.post(costs, "/ingest/batch").status_code == 202
        eventually(lambda: settled(kumo) and has_judged_groups(kumo), PATIENCE)


def has_judged_groups(kumo: Stack) -> bool:
    """Return whether the totals of all accounts have verdicts, each on the newest total."""
    waiting = {"unjudged", "pending"}
    return all(row["status"] not in waiting for row in kumo.get("/groups/", dimension="account", currency="USD").json())


def load_calm(kumo: Stack, service: str, **fields: str) -> None:
    """Send a history that is normal."""
    rows = [{"service": service, "amount": amount, **fields} for amount in CALM]
    assert kumo.post(rows, "/ingest/batch").status_code == 202
    eventually(lambda: settled(kumo))
