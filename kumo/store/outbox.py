"""The outbox: alerts to be sent, each claimed by one notifier at a time, and the outcome of every attempt."""

import logging
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import redis

from kumo.domain.alerts import LONGEST_DELAY, Alert, AlertStatus, NextStatus
from kumo.domain.entries import parse_entry_id
from kumo.domain.measures import StatusCount
from kumo.domain.paging import Position
from kumo.errors import StoredRowError
from kumo.store import alert_codec, answers, delivery_times, walk
from kumo.store.client import Store, pairs
from kumo.store.commands import hgetall
from kumo.store.partition import Partition
from kumo.store.protocol import Answer
from kumo.store.signatures import Argument, Row
from kumo.store.walk import Bounds

LONGEST_MS: Final = int(LONGEST_DELAY * 1000)
CALL_ALERTS: Final = 500

_log = logging.getLogger(__name__)


class Claim(NamedTuple):
    """An alert that this notifier holds, and its partition."""

    partition: Partition
    alert: Alert


class Attempt(NamedTuple):
    """An attempt to send a claimed alert: the resulting status, and the answer in words."""

    claim: Claim
    next: NextStatus
    answer: str


class Lease(NamedTuple):
    """How to claim alerts: of which destination, by which notifier, for how many ms, how many in a partition.

    `ambiguous` is the rule for an alert whose notifier vanished while sending.
    """

    destination: str
    token: str
    milliseconds: int
    limit: int
    ambiguous: str


def claim(store: Store, partitions: Iterable[Partition], lease: Lease) -> list[Claim]:
    """Claim the due alerts of some partitions.

    If a node of a cluster fails half way, the claimed alerts are returned, so that they are sent.
    """
    claimed: list[Claim] = []
    for partition in partitions:
        try:
            found = store.scripts.run(
                "claim_alerts",
                partition,
                destination=lease.destination,
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
    """Parse claimed alerts. An unreadable one is left out until its claim ends, so that the others are sent."""
    for name, values in map(answers.items, found):
        key, fields = partition.alert + answers.text(name).decode(), dict(pairs(answers.texts(values)))
        try:
            yield Claim(partition, alert_codec.read_alert(key, fields))
        except StoredRowError as error:
            _log.error("An alert cannot be read: %s", error)


def defer(store: Store, destination: str, partitions: Iterable[Partition], milliseconds: int, why: str) -> int:
    """Defer the due alerts of a destination that is not configured; return how many were not deferred before."""
    args: dict[str, Argument] = {"destination": destination, "most": CALL_ALERTS, "delay_ms": milliseconds, "why": why}
    return sum(answers.number(store.scripts.run("defer_alerts", partition, **args)) for partition in partitions)


def record_attempts(store: Store, token: str, attempts: Iterable[Attempt]) -> int:
    """Record the outcome of attempts whose claims still hold; return how many did.

    If a node of a cluster fails, the attempts of the others are recorded before the failure is raised.
    """
    by_partition: dict[Partition, list[Row]] = {}
    for attempt in attempts:
        by_partition.setdefault(attempt.claim.partition, []).append(_describe(attempt))
    recorded = 0
    failure: redis.RedisError | None = None
    bounds = delivery_times.BOUNDS
    for partition, described in by_partition.items():
        try:
            answer = store.scripts.run("record_attempts", partition, token=token, bounds=bounds, attempts=described)
            recorded += answers.number(answer)
        except redis.RedisError as error:
            failure = error
    if failure:
        raise failure
    return recorded


def _describe(attempt: Attempt) -> Row:
    return {
        "id": attempt.claim.alert.id,
        "status": attempt.next.status,
        "delay_ms": int(attempt.next.delay * 1000) if attempt.next.status is AlertStatus.RETRY else "",
        "answer": attempt.answer,
        "again": "1" if attempt.next.repeat else "0",
        "arrived_at": attempt.claim.alert.arrived_at,
    }


def add(store: Store, alert: Alert) -> bool:
    """Raise an alert without an anomaly; return False if it was raised before."""
    destination, body = alert.delivery.destination, alert_codec.dump_alert(alert)
    return bool(store.scripts.run("add_alert", store.partitions[0], id=alert.id, destination=destination, body=body))


def find_due(store: Store) -> dict[str, dict[Partition, int]]:
    """Return, for each destination, in how many ms the first alert of each partition is due, 0 or less if it is.

    Destinations and partitions without waiting alerts are left out. On a Cluster each node uses its own clock.
    """
    asked = {"longest_ms": LONGEST_MS, "most": CALL_ALERTS}
    waits = store.run_each("next_alert", [(partition, asked) for partition in store.partitions])
    found: dict[str, dict[Partition, int]] = {}
    for partition, answer in zip(store.partitions, waits, strict=True):
        for destination, wait in pairs(answers.items(answer)):
            found.setdefault(answers.text(destination).decode(), {})[partition] = answers.number(wait)
    return found


def count(store: Store) -> dict[AlertStatus, StatusCount]:
    """Count all alerts by status."""
    statuses = list(AlertStatus)
    counted = store.run_each("count_alerts", [(partition, {"statuses": statuses}) for partition in store.partitions])
    by_status = zip(*(pairs([*map(answers.number, answers.items(counts))]) for counts in counted), strict=True)
    return {
        status: StatusCount(sum(count for count, _ in rows), max(0, *(ms for _, ms in rows)) / 1000)
        for status, rows in zip(statuses, by_status, strict=True)
    }


def walk_list(store: Store, bounds: Bounds, wanted: int, status: str | None = None) -> Iterator[list[Position]]:
    """Yield the positions of alerts, of all or of one status, some at a time, by when each was raised."""
    sets = [p.alerts_in + status if status else p.alerts for p in store.partitions]
    return walk.read(store, sets, bounds, wanted)


def read(store: Store, ids: Iterable[str]) -> list[Alert]:
    """Return alerts by id, in order; missing ones are left out. Raise `StoredRowError`."""
    names = [partition_of(store, alert).alert + alert for alert in ids]
    found = zip(names, store.many(map(hgetall, names)), strict=True)
    return [alert_codec.read_alert(key, values) for key, values in found if values]


def series_of(alert_id: str) -> str:
    """Return the id of the series that an alert is about; empty if there is none."""
    anomaly = parse_entry_id(alert_id.rpartition("-")[0])
    return anomaly[0] if anomaly else ""


def partition_of(store: Store, alert_id: str) -> Partition:
    """Return the partition of an alert: that of its anomaly's series, or the first one."""
    series_id = series_of(alert_id)
    return store.partition(series_id) if series_id else store.partitions[0]
