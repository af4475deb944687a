"""The outbox: alerts waiting to be told, claimed by one notifier at a time, and what became of them."""

import logging
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import redis

from kumo.domain.alerts import LONGEST_DELAY, Alert, AlertStatus, NextStatus
from kumo.domain.entries import parse_entry_id
from kumo.domain.measures import InState
from kumo.domain.paging import Position
from kumo.errors import StoredRowError
from kumo.store import answers, codec, delivery_times, walk
from kumo.store.client import Store, pairs
from kumo.store.commands import hgetall
from kumo.store.partition import Partition
from kumo.store.protocol import Answer
from kumo.store.signatures import Row
from kumo.store.walk import Bounds

LONGEST_MS: Final = int(LONGEST_DELAY * 1000)
CALL_ALERTS: Final = 500

_log = logging.getLogger(__name__)


class Claim(NamedTuple):
    """An alert that this notifier holds, and the partition it lives in."""

    partition: Partition
    alert: Alert


class Attempt(NamedTuple):
    """An attempt to send a claimed alert: the status that it leads to, and the answer in words."""

    claim: Claim
    next: NextStatus
    answer: str


class Lease(NamedTuple):
    """How alerts are claimed: by which notifier, for how many ms, at most how many of a partition.

    `ambiguous` says what to do with an alert whose notifier vanished while sending.
    """

    token: str
    milliseconds: int
    limit: int
    ambiguous: str


def claim(store: Store, partitions: Iterable[Partition], lease: Lease) -> list[Claim]:
    """Claim the alerts of some partitions that are due.

    Where a node of a cluster fails half way, what is claimed already is returned: it must be told, not wait in vain.
    """
    claimed: list[Claim] = []
    for partition in partitions:
        try:
            found = store.scripts.run(
                "claim_alerts",
                partition,
                most=lease.limit,
                lease_ms=lease.milliseconds,
                token=lease.token,
                ambiguous=lease.ambiguous,
            )
        except redis.RedisError:
            if not claimed:
                raise
            break
        claimed += _readable(partition, answers.items(found))
    return claimed


def _readable(partition: Partition, found: Iterable[Answer]) -> Iterator[Claim]:
    """Read claimed alerts. One that cannot be read is left out until its claim ends: the others must be told."""
    for name, values in map(answers.items, found):
        key, fields = partition.alert + answers.text(name).decode(), dict(pairs(answers.texts(values)))
        try:
            yield Claim(partition, codec.read_alert(key, fields))
        except StoredRowError as error:
            _log.error("An alert cannot be told: %s", error)


def defer(store: Store, limit: int, milliseconds: int, why: str) -> int:
    """Put off the alerts that are due, since there is nowhere to send them; returns how many were not so before."""
    return sum(
        answers.number(store.scripts.run("defer_alerts", partition, most=limit, delay_ms=milliseconds, why=why))
        for partition in store.partitions
    )


def record_attempts(store: Store, token: str, attempts: Iterable[Attempt]) -> int:
    """Record the outcome of attempts, where the claim still stands; return for how many it did.

    Where a node of a cluster fails, the attempts of the others are recorded before the failure is raised.
    """
    by_partition: dict[Partition, list[Row]] = {}
    for attempt in attempts:
        by_partition.setdefault(attempt.claim.partition, []).append(_describe(attempt))
    recorded = 0
    failure: redis.RedisError | None = None
    bounds = delivery_times.BOUNDS
    for partition, described in by_partition.items():
        try:
            answer = store.scripts.run("settle_alerts", partition, token=token, bounds=bounds, settled=described)
            recorded += answers.number(answer)
        except redis.RedisError as error:
            failure = error
    if failure:
        raise failure
    return recorded


def _describe(attempt: Attempt) -> Row:
    return {
        "id": attempt.claim.alert.id,
        "state": attempt.next.status,
        "delay_ms": int(attempt.next.delay * 1000) if attempt.next.status is AlertStatus.RETRY else "",
        "answer": attempt.answer,
        "again": "1" if attempt.next.repeat else "0",
        "arrived_at": attempt.claim.alert.arrived_at,
    }


def add(store: Store, alert: Alert) -> bool:
    """Raise an alert that belongs to no anomaly; False where it was raised before."""
    return bool(store.scripts.run("add_alert", store.partitions[0], id=alert.id, body=codec.dump_alert(alert)))


def due(store: Store) -> dict[Partition, int]:
    """Return in how many ms the first alert of each partition is due, 0 or less where it is, in one round trip.

    A partition where none waits is left out. On a Cluster each node goes by its own clock.
    """
    asked = {"longest_ms": LONGEST_MS, "most": CALL_ALERTS}
    waits = store.run_each("next_alert", [(partition, asked) for partition in store.partitions])
    return {p: answers.number(wait) for p, wait in zip(store.partitions, waits, strict=True) if wait is not None}


def count(store: Store) -> dict[AlertStatus, InState]:
    """Count all alerts by status."""
    states = list(AlertStatus)
    counted = store.run_each("count_alerts", [(partition, {"states": states}) for partition in store.partitions])
    by_state = zip(*(pairs([*map(answers.number, answers.items(counts))]) for counts in counted), strict=True)
    return {
        state: InState(sum(count for count, _ in rows), max(0, *(ms for _, ms in rows)) / 1000)
        for state, rows in zip(states, by_state, strict=True)
    }


def walk_list(store: Store, bounds: Bounds, wanted: int, state: str | None = None) -> Iterator[list[Position]]:
    """Yield where alerts, or those in a state, stand in their list, some at a time: by when each was raised."""
    sets = [p.alerts_in + state if state else p.alerts for p in store.partitions]
    return walk.read(store, sets, bounds, wanted)


def read(store: Store, ids: Iterable[str]) -> list[Alert]:
    """Return alerts by id, in order; those that are gone are left out. Raises `StoredRowError`."""
    names = [partition_of(store, alert).alert + alert for alert in ids]
    found = zip(names, store.many(map(hgetall, names)), strict=True)
    return [codec.read_alert(key, values) for key, values in found if values]


def series_of(alert_id: str) -> str:
    """Return the id of the series that an alert is about; empty where it is about none."""
    anomaly = parse_entry_id(alert_id.rpartition("-")[0])
    return anomaly[0] if anomaly else ""


def partition_of(store: Store, alert_id: str) -> Partition:
    """Return where an alert lives: with its anomaly's series, or in the first partition."""
    series_id = series_of(alert_id)
    return store.partition(series_id) if series_id else store.partitions[0]
