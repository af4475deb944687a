"""The stored state of a series between two slices: its open anomaly, the states of detectors, its first day."""

import struct
from collections.abc import Sequence
from typing import Final

from kumo.domain.anomalies import Anomaly
from kumo.domain.detectors import LETTERS
from kumo.domain.first_day import FirstDay
from kumo.store import feed
from kumo.store.client import Store
from kumo.store.commands import hmget
from kumo.store.partition import Partition

_FIRST_DAY: Final = struct.Struct("<iq?")
_FIRST: Final = "1"
_LETTERS: Final = {detector: code.decode() for detector, code in LETTERS.items()}


def name(detector: str, series_id: str) -> str:
    """Return the name of a detector's state of a series."""
    return _LETTERS[detector] + series_id


def first_day_name(series_id: str) -> str:
    """Return the name of the first day of a series."""
    return _FIRST + series_id


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


def pack_first_day(known: FirstDay | None) -> bytes:
    """Pack a first day; empty if it is over."""
    return _FIRST_DAY.pack(known.day, known.spent, known.over) if known else b""


def read_first_day(packed: bytes) -> FirstDay | None:
    """Unpack a first day."""
    if not packed:
        return None
    day, spent, over = _FIRST_DAY.unpack_from(packed)
    return FirstDay(day=day, spent=spent, over=over)
