"""Data for the page: a real bill, and series with spikes."""

from typing import Final

from kumo import sample
from tests.stack import Stack, eventually

MONTH: Final = "?from=2024-09-01&to=2024-09-30"
CALM: Final = (50, 51, 49, 50.5, 50, 49.5, 51, 50, 49, 50.5, 50, 51)


def settled(kumo: Stack) -> bool:
    """Return whether all costs are judged and all alerts are sent."""
    waiting = kumo.get("/costs/", status="pending", limit=1).json()
    alerts = kumo.get("/alerts/", limit=1000).json()
    return not waiting and all(row["state"] == "sent" for row in alerts)


def load_bill(kumo: Stack) -> None:
    """Send the sample, and wait until it is judged and its alerts are sent."""
    assert kumo.post(sample.entries(), "/ingest/batch").status_code == 202
    eventually(lambda: settled(kumo))


def load_calm(kumo: Stack, service: str, **fields: str) -> None:
    """Send a history that is normal."""
    rows = [{"service": service, "amount": amount, **fields} for amount in CALM]
    assert kumo.post(rows, "/ingest/batch").status_code == 202
    eventually(lambda: settled(kumo))
