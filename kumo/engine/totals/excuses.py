"""Which days of things a person called planned or a false alarm: the detector learns them calmly."""

from collections.abc import Mapping

from kumo.services import Services
from kumo.store import feed, feedback
from kumo.store.partition import Partition


def read(services: Services, partition: Partition, index: Mapping[str, Mapping[str, int]]) -> dict[str, frozenset[int]]:
    """Return the days of forgiven anomalies, by series or group; without those that have none.

    `index` has the anomalies of each (kumo.store.things.read_episodes).
    """
    ids = [anomaly for anomalies in index.values() for anomaly in anomalies]
    said = zip(ids, feedback.read(services.store, ids), strict=True)
    forgiven = [anomaly for anomaly, word in said if word and word.word.forgives]
    found: dict[str, frozenset[int]] = {}
    for anomaly in feed.anomalies(services.store, partition, forgiven).values():
        if anomaly.first_period is not None and anomaly.last_period is not None:
            days = frozenset(range(anomaly.first_period, anomaly.last_period + 1))
            found[anomaly.series_id] = found.get(anomaly.series_id, frozenset()) | days
    return found
