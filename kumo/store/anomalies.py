"""Anomalies as they are listed."""

from collections.abc import Iterator, Sequence

from kumo.domain.anomalies import Anomaly
from kumo.domain.evidence import Evidence
from kumo.store import codec
from kumo.store.client import Store, pairs


def find(store: Store, series_id: str, anomaly_id: str) -> Anomaly | None:
    """Return one anomaly of a series, or None."""
    text = store.client.get(store.partition(series_id).anomaly + anomaly_id)
    return codec.read_anomaly(text) if text else None


def evidence(store: Store, series_id: str, anomaly_id: str) -> Evidence | None:
    """Return what an anomaly of a series was opened on, or None."""
    text = store.client.get(store.partition(series_id).evidence + anomaly_id)
    return codec.read_evidence(text) if text else None


def ids(store: Store, low: int, high: int, limit: int) -> list[tuple[int, str]]:
    """Return (first seen in ms, id) of the newest `limit` anomalies between two times in ms, newest first."""
    answers = store.many(
        ("ZREVRANGEBYSCORE", p.anomalies, high, low, "WITHSCORES", "LIMIT", 0, limit) for p in store.partitions
    )
    found = [(int(score), anomaly.decode()) for answer in answers for anomaly, score in pairs(answer)]
    return sorted(found, reverse=True)[:limit]


def read(store: Store, wanted: Sequence[str]) -> Iterator[Anomaly]:
    """Yield the anomalies with these ids, in order; those that are gone are left out."""
    texts = store.many(("GET", store.partition(anomaly[:16]).anomaly + anomaly) for anomaly in wanted)
    return (codec.read_anomaly(text) for text in texts if text)
