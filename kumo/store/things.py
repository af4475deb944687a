"""What is stored of the things whose totals are judged: series and groups, each in the partition of its id."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kumo.domain.totals.folding import JudgedPeriod
from kumo.store.client import Store, pairs
from kumo.store.commands import first_members, hgetall, hmget
from kumo.store.partition import Partition
from kumo.store.period_codec import unpack_period
from kumo.store.series import DAYS

_VERSION: Final = 1
_HEAD: Final = struct.Struct("<BIBH")  # version, first day, number of alarms, length of the chain of days
_ALARM: Final = struct.Struct("<IB")  # the day, the bytes of the amount


@dataclass(frozen=True, slots=True)
class ThingRow:
    """What the judge of a thing's totals knows of it.

    `days` is its packed chain (kumo.domain.totals.chain). `first` is a day before which it has no totals, 0 if that is
    not known. `alarms` has, for each running day with a total, the amount in micros up to which it need not be folded;
    None for any amount.
    """

    days: bytes = b""
    first: int = 0
    alarms: Mapping[int, int | None] = field(default_factory=dict)


NEW_THING: Final = ThingRow()


def pack_thing(row: ThingRow) -> bytes:
    """Pack a row; the chain comes last, so that a newer version can add more behind it."""
    alarms = b""
    for day, micros in row.alarms.items():
        amount = b"" if micros is None else micros.to_bytes((micros.bit_length() + 8) // 8, "little", signed=True)
        alarms += _ALARM.pack(day, len(amount)) + amount
    return _HEAD.pack(_VERSION, row.first, len(row.alarms), len(row.days)) + alarms + row.days


def unpack_thing(packed: bytes | None) -> ThingRow:
    """Unpack a row; nothing, or a row of another version, is that of a new thing: everything is folded again."""
    if not packed or packed[0] != _VERSION:
        return NEW_THING
    _, first, count, length = _HEAD.unpack_from(packed)
    place, alarms = _HEAD.size, {}
    for _ in range(count):
        day, size = _ALARM.unpack_from(packed, place)
        place += _ALARM.size
        amount = int.from_bytes(packed[place : place + size], "little", signed=True)
        alarms[day] = amount if size else None
        place += size
    return ThingRow(days=packed[place : place + length], first=first, alarms=alarms)


def read_rows(store: Store, partition: Partition, thing_ids: Sequence[str]) -> dict[str, ThingRow]:
    """Return the rows of things of one partition; a new one for those that have none."""
    if not thing_ids:
        return {}
    [found] = store.many([hmget(partition.things, *thing_ids)])
    return {thing: unpack_thing(packed) for thing, packed in zip(thing_ids, found, strict=True)}


def read_unfolded(store: Store, partition: Partition, most: int) -> dict[str, int]:
    """Return things whose totals must be folded, with the oldest day from which; those with the oldest days first."""
    [found] = store.many([first_members(partition.unfolded, most)])
    return {thing.decode(): int(day) for thing, day in pairs(found)}


def read_episodes(store: Store, partition: Partition, thing_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the ids of the anomalies of things, each with the number of its last period."""
    found = store.many(first_members(partition.episodes + thing, -1) for thing in thing_ids)
    return {
        thing: {anomaly.decode(): int(last) for anomaly, last in pairs(rows)}
        for thing, rows in zip(thing_ids, found, strict=True)
        if rows
    }


def read_packed_periods(store: Store, wanted: Mapping[str, int], last: int) -> dict[str, dict[int, bytes]]:
    """Return the packed verdicts on totals of things by day, each from its own day to day `last`."""
    asked = [(thing, block) for thing, first in wanted.items() for block in range(first // DAYS, last // DAYS + 1)]
    answers = store.many(hgetall(f"{store.partition(thing).periods}{thing}:{block}") for thing, block in asked)
    found: dict[str, dict[int, bytes]] = {thing: {} for thing in wanted}
    for (thing, block), values in zip(asked, answers, strict=True):
        numbered = ((block * DAYS + int(place), packed) for place, packed in values.items())
        found[thing] |= {day: packed for day, packed in numbered if day >= wanted[thing]}
    return found


def read_periods(store: Store, thing_ids: Sequence[str], first: int, last: int) -> dict[str, dict[int, JudgedPeriod]]:
    """Return the verdicts on totals of things by day, in order, from day `first` to day `last` since 1970-01-01."""
    blocks = range(first // DAYS, last // DAYS + 1)
    wanted = [(thing, block) for thing in thing_ids for block in blocks]
    answers = store.many(hgetall(f"{store.partition(thing).periods}{thing}:{block}") for thing, block in wanted)
    found: dict[str, dict[int, JudgedPeriod]] = {thing: {} for thing in thing_ids}
    for (thing, block), values in zip(wanted, answers, strict=True):
        numbered = sorted((block * DAYS + int(place), packed) for place, packed in values.items())
        read = (unpack_period(day, packed) for day, packed in numbered if first <= day <= last)
        found[thing] |= {period.number: period for period in read if period}
    return found
