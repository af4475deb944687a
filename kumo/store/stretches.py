"""Totals of things in order of time, as a fold needs them: from a day on, with some before it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kumo.store import answers
from kumo.store.client import Store
from kumo.store.partition import Partition
from kumo.store.protocol import Answer
from kumo.store.series import BILLION, DAYS
from kumo.store.signatures import Row


class DayTotal(NamedTuple):
    """The total of a day since 1970-01-01: the number of its entries, and their sum in micros."""

    day: int
    entries: int
    micros: int


class WantedStretch(NamedTuple):
    """The totals of a thing from day `start` on, and at least `earlier` before it; it has none before day `first`."""

    start: int
    earlier: int
    first: int = 0


def read(
    store: Store, partition: Partition, wanted: Mapping[str, WantedStretch], last_day: int
) -> dict[str, list[DayTotal]]:
    """Return the totals of things of one partition by day, in order; no total is after `last_day`.

    There may be more earlier ones than asked for. Costs that are no usage are left out.
    """
    rows: Sequence[Row] = [
        {"id": thing, "from": asked.start, "earlier": asked.earlier, "first": asked.first}
        for thing, asked in wanted.items()
    ]
    found = store.scripts.run("read_stretches", partition, last_block=last_day // DAYS, wanted=rows)
    return {thing: _parse(answers.items(each)) for thing, each in zip(wanted, answers.items(found), strict=True)}


def _parse(row: Sequence[Answer]) -> list[DayTotal]:
    totals = []
    for day, text in zip(row[::2], row[1::2], strict=True):
        entries, high, low, *_ = map(int, answers.text(text).split())
        totals.append(DayTotal(day=answers.number(day), entries=entries, micros=high * BILLION + low))
    return sorted(totals)
