"""The sets of alerts by status and by destination, compared with the alerts themselves."""

from kumo.domain.alerts import NOT_SENT, AlertStatus
from kumo.store.client import Store
from kumo.store.partition import Partition


def read_indexes(store: Store, partition: Partition) -> dict[str, dict[bytes, float]]:
    """Return the alerts of each status with when they were raised, and those of each destination with when due."""
    found = {
        status: store.client.zrange(partition.alerts_in + status, 0, -1, withscores=True) for status in AlertStatus
    }
    for destination in store.client.smembers(partition.destinations):
        key = partition.due + destination.decode()
        found[key] = store.client.zrange(key, 0, -1, withscores=True)
    return {name: dict(rows) for name, rows in found.items() if rows}


def read_alerts(store: Store, partition: Partition) -> dict[str, dict[bytes, float]]:
    """Return the same, read from each alert."""
    found: dict[str, dict[bytes, float]] = {}
    for alert, raised in store.client.zrange(partition.alerts, 0, -1, withscores=True):
        fields = store.client.hgetall(partition.alert + alert.decode())
        status = fields[b"status"].decode()
        found.setdefault(status, {})[alert] = raised
        if status in NOT_SENT:
            found.setdefault(partition.due + fields[b"destination"].decode(), {})[alert] = float(fields[b"due_at"])
    return found


def check(store: Store) -> None:
    """Check that each alert is kept under its status and, if it is to be sent, its destination, and under no other."""
    for partition in store.partitions:
        assert read_indexes(store, partition) == read_alerts(store, partition)
