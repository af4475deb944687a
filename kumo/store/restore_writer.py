"""Filling an empty store with the lines of an export, for any number of partitions.

An entry keeps its id, and so its number in its series. With other partitions, entries of several of them may
be in one under the same number: numbers up to `moved` then have places in blocks of their series (see
kumo.store.blocks), and arrivals continue from the highest number of all.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import gcd
from typing import Final

from kumo.domain.entries import parse_entry_id
from kumo.domain.judging import Status
from kumo.domain.totals.amounts import encode_unit
from kumo.store import blocks, codec, entry_codec, keys, outbox, room, uploads
from kumo.store.arrival_numbers import ArrivalNumbers
from kumo.store.client import Store
from kumo.store.commands import Command, set_, write
from kumo.store.partition import Partition
from kumo.store.protocol import Word
from kumo.store.series import DAYS
from kumo.store.snapshots import Line

# Lines are written in batches, each with one round trip and one sync to disk.
BATCH_LINES: Final = 1000
# Uploads that already wait are accepted, whatever the limit is here.
ANY_SIZE: Final = 2**53
KINDS: Final = frozenset({"series", "entry", "anomaly", "alert", "claim", "field", "text", "piece", "retention"})
INDEXED: Final = ("provider", "account", "region", "service", "currency", "charge_category")


@dataclass(slots=True)
class _Batch:
    """The values to write, by key: one command for each key, for any number of lines."""

    hashes: dict[str, list[Word]] = field(default_factory=dict)
    sorted_sets: dict[str, list[Word]] = field(default_factory=dict)
    sets: dict[str, list[Word]] = field(default_factory=dict)
    texts: list[Command[object]] = field(default_factory=list)
    lines: int = 0

    def commands(self) -> list[Command[object]]:
        """Return the commands that write them."""
        families = (("HSET", self.hashes), ("ZADD", self.sorted_sets), ("SADD", self.sets))
        return [write(name, key, *values) for name, held in families for key, values in held.items()] + self.texts


class RestoreWriter:
    """Takes the lines of one export, in order. `finish` writes what is known only at the end of the export."""

    def __init__(self, store: Store, numbers: ArrivalNumbers) -> None:
        """Fill a store from one whose arrivals were numbered up to these numbers."""
        self._store = store
        self._numbers = numbers.into(len(store.partitions))
        self._claims: dict[str, int] = {}
        self._common = gcd(len(numbers.seqs), len(store.partitions))
        self._reached: dict[int, int] = {}
        self._batch = _Batch()
        self._takers = {
            "series": self._series,
            "entry": self._entry,
            "anomaly": self._anomaly,
            "alert": self._alert,
            "claim": self._claim,
            "field": self._field,
            "text": self._text,
            "piece": self._piece,
            "retention": self._retention,
        }

    def take(self, line: Line) -> None:
        """Take the next line; its kind is one of `KINDS`."""
        self._takers[line["kind"]](line)
        self._batch.lines += 1
        if self._batch.lines >= BATCH_LINES:
            self._flush()

    def finish(self) -> None:
        """Write the last numbers (all arrivals are judged), the claims of scopes, and the watermarks."""
        for partition in self._store.partitions:
            seq = self._numbers.seqs[partition.number]
            if seq:
                self._batch.texts += [set_(partition.seq, seq), set_(partition.cursor, seq)]
            if self._numbers.moved:
                self._batch.texts.append(set_(partition.moved, self._numbers.moved))
            if self._claims:
                self._hash(partition.scopes, self._claims)
            reached = self._reached.get(partition.number % self._common)
            if reached:
                self._batch.texts.append(set_(partition.retention, reached))
        if self._numbers.skipped:
            self._hash(keys.LAYOUT, {"skipped": self._numbers.skipped})
        self._flush()
        for upload in uploads.waiting(self._store):
            room.reserve(self._store, upload.token, upload.size, ANY_SIZE, room.KEPT_SECONDS)

    def _flush(self) -> None:
        self._store.many(self._batch.commands())
        self._batch = _Batch()

    def _hash(self, key: str, values: Mapping[str, Word] | Mapping[int, Word]) -> None:
        for name, value in values.items():
            self._batch.hashes.setdefault(key, []).extend((name, value))

    def _add_sorted(self, key: str, member: str, score: int) -> None:
        self._batch.sorted_sets.setdefault(key, []).extend((score, member))

    def _series(self, line: Line) -> None:
        series_id, p = line["id"], self._store.partition(line["id"])
        for name, key in (("former", p.former), ("open", p.open)):
            if name in line:
                self._hash(key, {series_id: line[name]})
        if "identity" in line:
            self._hash(p.series, {series_id: codec.leave_out_groups(line["identity"])})
            self._index(p, series_id, line["identity"])
        if "recent" in line:
            self._add_sorted(p.recent, series_id, line["recent"])
        if "moments" in line:
            self._batch.texts.append(set_(p.moments + series_id, line["moments"]))
        for day, total in line.get("days", {}).items():
            self._hash(f"{p.daily}{series_id}:{int(day) // DAYS}", {int(day) % DAYS: total})
        self._hash(p.states, {letter + series_id: b64decode(value) for letter, value in line.get("states", {}).items()})

    def _index(self, partition: Partition, series_id: str, identity: str) -> None:
        """Add a series to the sets of series by name, like record.lua."""
        for name, value in zip(INDEXED, codec.read_compared_names(identity), strict=False):
            self._batch.sets.setdefault(f"{partition.with_}{name}:{value}", []).append(series_id)

    def _entry(self, line: Line) -> None:
        series_id, number = _parse(line["id"])
        p = self._store.partition(series_id)
        self._add_sorted(p.entries + series_id, f"{number:010x}:{line['amount']}", line["at"])
        details = " ".join(filter(None, (str(line["amount"]), line.get("rest"))))
        verdict = b64decode(line["verdict"]) if "verdict" in line else None
        for family, value in ((p.details, details), (p.verdicts, verdict)):
            if value is not None:
                key, place = blocks.place(family, series_id, number, self._numbers.moved)
                self._hash(key, {place: value})
        status = codec.status_of(verdict) if verdict else None
        if status:
            self._status(p, status, series_id, number, line["at"])
        external = entry_codec.read_external_id(line.get("rest", ""))
        if external:
            self._hash(p.external + series_id, {external: number})
        unit = entry_codec.read_unit(line.get("rest", ""))
        if unit is not None:
            self._hash(p.units, {entry_codec.dump_json(unit): encode_unit(unit)})
        if "held" in line:
            scope, start = external.split(":")[1:]
            self._hash(p.scope + scope, {f"{series_id}:{start}": line["held"]})

    def _status(self, partition: Partition, status: Status, series_id: str, number: int, at: int) -> None:
        """Add an entry to the set of its status, like commit.lua. The entries of a series arrive in order of time."""
        if status is not Status.LEARNING:
            self._add_sorted(partition.newest + status, series_id, at)
        if status is not Status.NORMAL:
            self._add_sorted(f"{partition.judged}{status}:{series_id}", f"{number:010x}:", at)

    def _anomaly(self, line: Line) -> None:
        thing, _ = _parse(line["id"])
        p = self._store.partition(thing)
        self._batch.texts.append(set_(p.anomaly + line["id"], line["text"]))
        self._add_sorted(p.anomalies, line["id"], line["at"])
        anomaly = codec.read_anomaly(p.anomaly + line["id"], line["text"].encode())
        self._add_sorted(p.anomalies_in + anomaly.status, line["id"], line["at"])
        self._add_sorted(p.episodes + thing, line["id"], anomaly.reach)
        if "evidence" in line:
            self._batch.texts.append(set_(p.evidence + line["id"], line["evidence"]))
        if "feedback" in line:
            self._hash(p.feedback, {line["id"]: line["feedback"]})

    def _alert(self, line: Line) -> None:
        p = outbox.partition_of(self._store, line["id"])
        self._hash(p.alert + line["id"], line["fields"])
        self._add_sorted(p.alerts, line["id"], line["raised"])
        self._add_sorted(p.alerts_in + line["fields"]["status"], line["id"], line["raised"])
        if "due" in line:
            destination = line["fields"]["destination"]
            self._add_sorted(p.due + destination, line["id"], line["due"])
            self._batch.sets.setdefault(p.destinations, []).append(destination)

    def _claim(self, line: Line) -> None:
        self._claims[line["scope"]] = max(line["number"], self._claims.get(line["scope"], 0))

    def _retention(self, line: Line) -> None:
        # Two old partitions share a new one if their numbers have the same remainder.
        rest = line["partition"] % self._common
        self._reached[rest] = max(line["before"], self._reached.get(rest, 0))

    def _field(self, line: Line) -> None:
        self._hash(line["key"], {line["field"]: line["text"]})

    def _text(self, line: Line) -> None:
        self._batch.texts.append(set_(line["key"], line["text"]))

    def _piece(self, line: Line) -> None:
        key = keys.upload_piece(line["upload"], line["place"])
        self._batch.texts.append(set_(key, b64decode(line["bytes"]), "EX", room.KEPT_SECONDS))


def _parse(entry_id: str) -> tuple[str, int]:
    found = parse_entry_id(entry_id)
    if found is None:
        raise ValueError(f"{entry_id!r} is no id")
    return found
