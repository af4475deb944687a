"""The feed of a partition: pending arrivals, and the commit of their verdicts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kumo.domain.alerts import Alert
from kumo.domain.anomalies import Anomaly
from kumo.domain.evidence import Evidence
from kumo.domain.judging import Arrival, Verdict
from kumo.domain.paging import Position
from kumo.domain.totals.completeness import Feed
from kumo.domain.totals.folding import JudgedPeriod
from kumo.store import alert_codec, answers, blocks, codec, leases, rows, walk
from kumo.store.blocks import Name
from kumo.store.client import Store
from kumo.store.commands import Command, get, zcard
from kumo.store.hours import HourlyRow, pack_hourly
from kumo.store.partition import Partition
from kumo.store.period_codec import pack_period
from kumo.store.signatures import Argument, Row
from kumo.store.things import ThingRow, pack_thing
from kumo.store.walk import Bounds


class Fence(NamedTuple):
    """What has moved if another judge was faster: the last judged arrival, and the number of commits and marks."""

    cursor: int
    version: int


@dataclass(slots=True)
class FoldedTotals:
    """The result of folding totals: rows of things, and the verdicts on their days since 1970.

    A verdict is None where there is none any more. `left` has for each folded thing the day from which is left to fold,
    None if nothing is; `touched` the oldest changed day of things to fold later. `episodes` has, by thing and anomaly,
    the number of the last period. `progress` has the newest day of providers (kumo.store.progress).
    """

    rows: dict[str, ThingRow] = field(default_factory=dict)
    hourly: dict[str, HourlyRow] = field(default_factory=dict)
    hours: dict[str, dict[int, JudgedPeriod | None]] = field(default_factory=dict)
    periods: dict[str, dict[int, JudgedPeriod | None]] = field(default_factory=dict)
    left: dict[str, int | None] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    episodes: dict[tuple[str, str], int | None] = field(default_factory=dict)
    progress: dict[str, Feed] = field(default_factory=dict)


@dataclass(slots=True)
class Slice:
    """The result of judging a run of arrivals, to be committed completely or not at all.

    `verdicts` has None for removed entries, `times` the time in ms of each entry; `open`, for each changed series,
    the id of its open anomaly or ""; `states` the states of series, by name (kumo.store.states), empty to delete;
    `evidence` the evidence of each opened anomaly. `arrived` has the time in ms of the newest arrival of series; alerts
    say it.
    """

    verdicts: dict[Name, Verdict | None] = field(default_factory=dict)
    times: dict[Name, int] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    anomalies: dict[str, Anomaly] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    states: dict[str, bytes] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    totals: FoldedTotals = field(default_factory=FoldedTotals)
    arrived: dict[str, int] = field(default_factory=dict)


def clear_wake(store: Store, partition: Partition) -> None:
    """Let the next arrival wake a judge again. Call this before reading: later arrivals then enqueue a job."""
    store.client.delete(partition.wake)


def pending(store: Store, partition: Partition, limit: int) -> tuple[Fence, list[Arrival]]:
    """Return the fence, and the next arrivals after its cursor, in order.

    The fence is read first: if another judge commits in between, the slice starts too late and the commit
    finds that it has moved.
    """
    fence = read_fence(store, partition)
    rows = store.client.xrange(partition.pending, min=f"{fence.cursor + 1}-0", count=limit)
    return fence, [codec.read_arrival(row_id, fields) for row_id, fields in rows]


def read_fence(store: Store, partition: Partition) -> Fence:
    """Return the fence of a partition. Read it before anything that a commit under it depends on."""
    cursor, version = store.many([get(partition.cursor), get(partition.version)])
    return Fence(cursor=int(cursor or 0), version=int(version or 0))


def read_versions(store: Store, partitions: Sequence[Partition]) -> dict[Partition, int]:
    """Return the number of commits and marks of partitions, in one round trip."""
    found = store.many(get(partition.version) for partition in partitions)
    return {partition: int(version or 0) for partition, version in zip(partitions, found, strict=True)}


def walk_pending(store: Store, bounds: Bounds, wanted: int) -> Iterator[list[Position]]:
    """Yield the positions of pending entries in the list of costs, some at a time."""

    def read_round(left: Bounds, size: int) -> tuple[list[Position], Position | None]:
        time, row_id = left.after or ("", "")
        asked: dict[str, str | int] = {"command": left.command, "low": left.low, "high": left.high, "most": size}
        asked |= {"time": time, "id": row_id}
        found = store.run_each("find_pending_entries", [(partition, asked) for partition in store.partitions])
        return walk.merge([walk.positions(answers.texts(answer)) for answer in found], left, size)

    return walk.rounds(read_round, bounds, wanted)


def longest_wait(store: Store) -> float:
    """Return the waiting time of the oldest pending arrival in seconds, 0 if none waits."""
    waited = store.run_each("find_oldest_arrival", [(partition, {}) for partition in store.partitions])
    return max(0, *(answers.optional_number(ms) or 0 for ms in waited)) / 1000


def counter_commands(store: Store) -> list[Command[bytes | None]]:
    """Return the commands that read, per partition, the last arrival and the last one that is judged.

    Each names one key: while a slot of a cluster moves, two keys may be on different nodes.
    """
    return [get(key) for partition in store.partitions for key in (partition.seq, partition.cursor)]


def backlog(store: Store) -> list[int]:
    """Return the number of pending arrivals of each partition."""
    numbers = [int(number or 0) for number in store.many(counter_commands(store))]
    return [head - cursor for head, cursor in zip(numbers[::2], numbers[1::2], strict=True)]


def find_unfolded(store: Store) -> list[Partition]:
    """Return the partitions with totals that wait for a fold."""
    found = store.many(zcard(partition.unfolded) for partition in store.partitions)
    return [partition for partition, waiting in zip(store.partitions, found, strict=True) if waiting]


def wake(store: Store, partition: Partition, milliseconds: int) -> bool:
    """Set a partition's wake flag; return False if a job is already queued."""
    return leases.take(store, partition.wake, "1", milliseconds)


def anomalies(store: Store, partition: Partition, ids: Sequence[str]) -> dict[str, Anomaly]:
    """Return anomalies of one partition by id."""
    names = [partition.anomaly + anomaly for anomaly in ids]
    found = zip(names, store.many(map(get, names)), strict=True)
    return {anomaly.id: anomaly for anomaly in (codec.read_anomaly(key, text) for key, text in found if text)}


def verdicts(store: Store, names: Sequence[Name]) -> dict[Name, Verdict]:
    """Return the verdicts of entries, also those on an earlier amount."""
    found = blocks.read(store, "verdicts", names)
    read = {name: codec.unpack_verdict(packed) for name, packed in zip(names, found, strict=True) if packed}
    return {name: verdict for name, verdict in read.items() if verdict}


def commit(store: Store, partition: Partition, fence: Fence, last: int, judged: Slice) -> int | None:
    """Commit a slice that starts at the cursor and ends with arrival `last`; return how many alerts it raised.

    A slice of totals alone ends where it starts. Returns None, without any write, if another judge has moved the fence
    meanwhile.
    """
    brought: Mapping[str, object] = {
        "evidence": [(anomaly, codec.dump_evidence(evidence)) for anomaly, evidence in judged.evidence.items()],
        "open": judged.open,
        "anomalies": [(row.id, rows.dump(row), row.opened_at, row.status) for row in judged.anomalies.values()],
        "alerts": [
            (
                alert.id,
                alert.kind,
                *_split_alert_id(alert.id),
                alert.delivery.destination,
                alert_codec.dump_alert(alert),
            )
            for alert in judged.alerts
        ],
    }
    answer = answers.number(
        store.scripts.run(
            "commit",
            partition,
            cursor=fence.cursor,
            version=fence.version,
            last=last,
            brought=json.dumps(brought),
            verdicts=[_pack(name, judged.times[name], verdict) for name, verdict in judged.verdicts.items()],
            learned=[_learn(name, packed) for name, packed in judged.states.items()],
            **_describe_totals(judged.totals),
        )
    )
    return None if answer < 0 else answer


def _split_alert_id(alert_id: str) -> tuple[str, int]:
    """Return the anomaly of an alert, and which of its alerts it is."""
    anomaly, _, number = alert_id.rpartition("-")
    return anomaly, int(number)


def _pack(name: Name, timestamp: int, verdict: Verdict | None) -> Row:
    series_id, seq = name
    packed = codec.pack_verdict(verdict) if verdict else b""
    return {"series": series_id, "seq": seq, "timestamp": timestamp, "packed": packed}


def _describe_totals(totals: FoldedTotals) -> dict[str, Argument]:
    periods: list[Row] = [
        {"thing": thing, "day": day, "packed": pack_period(period) if period else b""}
        for thing, days in totals.periods.items()
        for day, period in days.items()
    ]
    hours: list[Row] = [
        {"series": series, "hour": hour, "packed": pack_period(period) if period else b""}
        for series, judged in totals.hours.items()
        for hour, period in judged.items()
    ]
    hourly: list[Row] = [{"series": series, "packed": pack_hourly(row)} for series, row in totals.hourly.items()]
    episodes: list[Row] = [
        {"thing": thing, "anomaly": anomaly, "last": "" if last is None else last}
        for (thing, anomaly), last in totals.episodes.items()
    ]
    progress: list[Row] = [
        {"provider": provider, "day": feed.newest, "bill": int(feed.imported)}
        for provider, feed in totals.progress.items()
    ]
    rows: list[Row] = [{"thing": thing, "packed": pack_thing(row)} for thing, row in totals.rows.items()]
    folded: list[Row] = [{"thing": thing, "left": "" if day is None else day} for thing, day in totals.left.items()]
    touched: list[Row] = [{"thing": thing, "day": day} for thing, day in totals.touched.items()]
    return {
        "rows": rows,
        "periods": periods,
        "hours": hours,
        "hourly": hourly,
        "episodes": episodes,
        "touched": touched,
        "folded": folded,
        "progress": progress,
    }


def _learn(name: str, packed: bytes) -> Row:
    return {"name": name, "packed": packed}
