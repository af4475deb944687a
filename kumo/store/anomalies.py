"""Lists of anomalies."""

from collections.abc import Iterator, Sequence

from kumo.domain.anomalies import Anomaly
from kumo.domain.evidence import Evidence
from kumo.domain.paging import Position
from kumo.store import codec, walk
from kumo.store.client import Store
from kumo.store.commands import get
from kumo.store.walk import Bounds


def find(store: Store, series_id: str, anomaly_id: str) -> Anomaly | None:
    """Return one anomaly of a series, or None."""
    key = store.partition(series_id).anomaly + anomaly_id
    text = store.client.get(key)
    return codec.read_anomaly(key, text) if text else None


def evidence(store: Store, series_id: str, anomaly_id: str) -> Evidence | None:
    """Return the evidence of an anomaly of a series, or None."""
    key = store.partition(series_id).evidence + anomaly_id
    text = store.client.get(key)
    return codec.read_evidence(key, text) if text else None


def walk_list(store: Store, bounds: Bounds, wanted: int, status: str | None = None) -> Iterator[list[Position]]:
    """Yield the positions of anomalies, of all or of one status, ordered by the time of the entry that opened each."""
    sets = [p.anomalies_in + status if status else p.anomalies for p in store.partitions]
    return walk.read(store, sets, bounds, wanted)


def read(store: Store, wanted: Sequence[str]) -> Iterator[Anomaly]:
    """Yield the anomalies with these ids, in order; missing ones are left out."""
    names = [store.partition(anomaly[:16]).anomaly + anomaly for anomaly in wanted]
    found = zip(names, store.many(map(get, names)), strict=True)
    return (codec.read_anomaly(key, text) for key, text in found if text)
