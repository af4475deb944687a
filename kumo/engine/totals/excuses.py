"""Which days of things a person called planned or a false alarm: the detector learns them calmly."""

from collections.abc import Collection

from kumo.services import Services
from kumo.store import feed, feedback, things
from kumo.store.partition import Partition


def read(services: Services, partition: Partition, thing_ids: Collection[str]) -> dict[str, frozenset[int]]:
    """Return the days of forgiven anomalies, by series or group; without those that have none."""
    index = things.read_episodes(services.store, partition, list(thing_ids))
    ids = [anomaly for anomalies in index.values() for anomaly in anomalies]
    said = zip(ids, feedback.read(services.store, ids), strict=True)
    forgiven = [anomaly for anomaly, word in said if word and word.word.forgives]
    found: dict[str, frozenset[int]] = {}
    for anomaly in feed.anomalies(services.store, partition, forgiven).values():
        if anomaly.first_period is not None and anomaly.last_period is not None:
            days = frozenset(range(anomaly.first_period, anomaly.last_period + 1))
            found[anomaly.series_id] = found.get(anomaly.series_id, frozenset()) | days
    return found
