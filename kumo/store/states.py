"""The stored state of a series between two slices: its open anomaly, and the states of detectors."""

from collections.abc import Sequence
from typing import Final

from kumo.domain.anomalies import Anomaly
from kumo.domain.detectors import LETTERS
from kumo.store import feed
from kumo.store.client import Store
from kumo.store.commands import hmget
from kumo.store.partition import Partition

_LETTERS: Final = {detector: code.decode() for detector, code in LETTERS.items()}


def name(detector: str, series_id: str) -> str:
    """Return the name of a detector's state of a series."""
    return _LETTERS[detector] + series_id


def read(
    store: Store, partition: Partition, series_ids: Sequence[str], names: Sequence[str]
) -> tuple[dict[str, Anomaly], dict[str, bytes]]:
    """Read the open anomalies of series, and the states with these names; both without missing ones."""
    commands = [hmget(partition.open, *series_ids)]
    commands += [hmget(partition.states, *names)] if names else []
    ids, *found = store.many(commands)
    opened = feed.anomalies(store, partition, [anomaly.decode() for anomaly in ids if anomaly])
    stored = {each: text for each, text in zip(names, found[0], strict=True) if text} if names else {}
    return {anomaly.series_id: anomaly for anomaly in opened.values()}, stored
