"""What is kept of alerts by state, held against the alerts themselves."""

from kumo.domain.alerts import AlertStatus
from kumo.store.client import Store
from kumo.store.partition import Partition


def kept(store: Store, partition: Partition) -> dict[AlertStatus, dict[bytes, float]]:
    """Return the alerts of each state with when they were raised, as they are kept by state."""
    found = {state: store.client.zrange(partition.alerts_in + state, 0, -1, withscores=True) for state in AlertStatus}
    return {state: dict(rows) for state, rows in found.items() if rows}


def actual(store: Store, partition: Partition) -> dict[AlertStatus, dict[bytes, float]]:
    """Return the same, read from each alert."""
    found: dict[AlertStatus, dict[bytes, float]] = {}
    for alert, raised in store.client.zrange(partition.alerts, 0, -1, withscores=True):
        state = AlertStatus(store.client.hget(partition.alert + alert.decode(), "state").decode())
        found.setdefault(state, {})[alert] = raised
    return found


def check(store: Store) -> None:
    """Check that each alert is kept under the state that it is in, and under no other."""
    for partition in store.partitions:
        assert kept(store, partition) == actual(store, partition)
