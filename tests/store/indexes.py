"""The sets of entries by status and of anomalies by status, compared with the entries and anomalies themselves."""

from collections.abc import Iterator

from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.judging import Status
from kumo.store import blocks, codec, export_table
from kumo.store.client import Store, pairs
from kumo.store.partition import Partition

Sets = dict[str, dict[str, float]]


def check(store: Store) -> None:
    """Check that each is in its set, and in no other; everything must be judged."""
    assert list(differences(store)) == []


def differences(store: Store) -> Iterator[str]:
    """Yield each wrong set."""
    for partition in store.partitions:
        judged = _judged(store, partition)
        normal = {name: found for name, found in judged.items() if name.startswith(Status.NORMAL)}
        flagged = {_series(name): found for name, found in judged.items() if name.startswith(Status.ANOMALY)}
        newest = {series_id: max(found.values()) for series_id, found in flagged.items()}
        kept = _kept(store, partition.newest)
        bounds = kept.pop(Status.NORMAL, {})
        for what, found, expected in (
            ("judged", _kept(store, partition.judged), {name: judged[name] for name in judged.keys() - normal.keys()}),
            ("newest", kept, {Status.ANOMALY: newest} if newest else {}),
            ("anomalies", _kept(store, partition.anomalies_in), _anomaly_statuses(store, partition)),
        ):
            if found != expected:
                yield f"{what} of {partition.number}: {found}, not {expected}"
        if any(bounds.get(_series(name), -1) < max(found.values()) for name, found in normal.items()):
            yield f"newest normal of {partition.number}: {bounds}, not of {normal}"
        if gone := bounds.keys() - {key.decode() for key in store.client.hkeys(partition.series)}:
            yield f"newest normal of {partition.number}: {gone} have no entries"


def _series(name: str) -> str:
    return name.partition(":")[2]


def _judged(store: Store, partition: Partition) -> Sets:
    """Return the entries by `<status>:<series>`, as they are kept, with their times."""
    found: Sets = {}
    entries = _kept(store, partition.entries)
    rows = [(series_id, member[:10], time) for series_id, held in entries.items() for member, time in held.items()]
    packed = blocks.read(store, "verdicts", [(series_id, int(number, 16)) for series_id, number, _ in rows])
    for (series_id, number, time), verdict in zip(rows, packed, strict=True):
        status = codec.status_of(verdict) if verdict else None
        if status:
            found.setdefault(f"{status}:{series_id}", {})[f"{number}:"] = time
    return found


def _anomaly_statuses(store: Store, partition: Partition) -> Sets:
    """Return the anomalies by status, with when they were opened."""
    found: Sets = {}
    for member, time in store.client.zrange(partition.anomalies, 0, -1, withscores=True):
        key = partition.anomaly + member.decode()
        status = codec.read_anomaly(key, store.client.get(key)).status
        if status in list(AnomalyStatus):
            found.setdefault(status, {})[member.decode()] = time
    return found


def _kept(store: Store, family: str) -> Sets:
    """Return the members and scores of a family of sorted sets."""
    names = list(export_table.scan_keys(store, family + "*"))
    found = store.many(["ZRANGE", key, 0, -1, "WITHSCORES"] for key in names)
    return {
        key.removeprefix(family): {member.decode(): float(time) for member, time in pairs(answer)}
        for key, answer in zip(names, found, strict=True)
    }
