"""Totals of hours: sums of the entries of a series, kept for the newest days only."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from kumo.domain.totals.folding import JudgedPeriod
from kumo.domain.totals.periods import HOUR_TOTALS_DAYS
from kumo.store.client import Store
from kumo.store.commands import hgetall, hmget
from kumo.store.partition import Partition
from kumo.store.period_codec import unpack_period
from kumo.store.series import DAYS
from kumo.store.signatures import Row
from kumo.store.total_codec import read_total

HOURS: Final = 24
# Days that one call sums up: some milliseconds of Redis for a series with a cost each second.
CALL_DAYS: Final = 4
_ROW: Final = struct.Struct("<I?")
_EXPIRE_SECONDS: Final = (HOUR_TOTALS_DAYS + 1) * 86_400


@dataclass(frozen=True, slots=True)
class HourlyRow:
    """What the judge of a series' hours knows: on which first running day it was last found out whether it is hourly.

    `chain` is the packed chain of hours, empty unless it is.
    """

    checked: int
    is_hourly: bool = False
    chain: bytes = b""


def pack_hourly(row: HourlyRow) -> bytes:
    """Pack a row."""
    return _ROW.pack(row.checked, row.is_hourly) + row.chain


def read_rows(store: Store, partition: Partition, series_ids: Sequence[str]) -> dict[str, HourlyRow]:
    """Return the rows of series; without those that never had enough entries."""
    if not series_ids:
        return {}
    [found] = store.many([hmget(partition.hourly, *series_ids)])
    rows = {series_id: packed for series_id, packed in zip(series_ids, found, strict=True) if packed}
    return {series_id: _unpack(packed) for series_id, packed in rows.items()}


def _unpack(packed: bytes) -> HourlyRow:
    checked, is_hourly = _ROW.unpack_from(packed)
    return HourlyRow(checked, is_hourly, packed[_ROW.size :])


class HourTotal(NamedTuple):
    """The total of an hour since 1970: its number of entries, and their sum in micros."""

    hour: int
    entries: int
    micros: int


def sum_up(store: Store, partition: Partition, days: Sequence[tuple[str, int]]) -> None:
    """Sum up the entries of series by the hour, for days since 1970-01-01."""
    left = iter(days)
    while some := list(islice(left, CALL_DAYS)):
        rows: list[Row] = [{"series": series, "day": day} for series, day in some]
        store.scripts.run("sum_hours", partition, days=rows, expire=_EXPIRE_SECONDS)


def read(store: Store, partition: Partition, series_id: str, first: int, last: int) -> list[HourTotal]:
    """Return the totals of hours from day `first` to day `last`, in order; those that were summed up."""
    days = range(first, last + 1)
    found = store.many(hgetall(f"{partition.hours}{series_id}:{day}") for day in days)
    totals = []
    for day, values in zip(days, found, strict=True):
        for hour, text in values.items():
            total = read_total(text)
            totals.append(HourTotal(hour=day * HOURS + int(hour), entries=total.entries, micros=total.micros))
    return sorted(totals)


def read_periods(store: Store, series_id: str, first: int, last: int) -> dict[int, JudgedPeriod]:
    """Return the verdicts on totals of hours since 1970, in order, from hour `first` to hour `last`."""
    partition, blocks = store.partition(series_id), range(first // DAYS, last // DAYS + 1)
    answers = store.many(hgetall(f"{partition.periods}{series_id}:h{block}") for block in blocks)
    found: dict[int, JudgedPeriod] = {}
    for block, values in zip(blocks, answers, strict=True):
        numbered = sorted((block * DAYS + int(place), packed) for place, packed in values.items())
        read_ones = (unpack_period(hour, packed) for hour, packed in numbered if first <= hour <= last)
        found |= {period.number: period for period in read_ones if period}
    return found


def count_hours(totals: Sequence[HourTotal]) -> Mapping[int, int]:
    """Return in how many hours each day has entries."""
    counts: dict[int, int] = {}
    for total in totals:
        counts[total.hour // HOURS] = counts.get(total.hour // HOURS, 0) + 1
    return counts
