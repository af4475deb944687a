"""Single days of series as they stand, and from which day on the verdicts of series and groups wait for the judge."""

from collections.abc import Sequence
from typing import NamedTuple

from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.domain.totals.folding import JudgedPeriod
from kumo.store.client import Store
from kumo.store.commands import Command, hmget, zscore
from kumo.store.period_codec import unpack_period
from kumo.store.series import DAYS
from kumo.store.total_codec import read_total

# A series and a day since 1970.
Cell = tuple[str, int]


class DayState(NamedTuple):
    """The total of a series on a day, the verdict on it, and the oldest day whose verdict waits."""

    total: PeriodTotal
    verdict: JudgedPeriod | None
    waits_from: int | None


def read_states(store: Store, cells: Sequence[Cell]) -> list[DayState]:
    """Return days of series as they stand, in one round trip."""
    fields: dict[Cell, list[int]] = {}
    for thing, day in cells:
        fields.setdefault((thing, day // DAYS), []).append(day % DAYS)
    asked: list[Command[list[bytes | None] | float | None]] = []
    for (thing, block), days in fields.items():
        keys = store.partition(thing)
        asked += hmget(f"{keys.daily}{thing}:{block}", *days), hmget(f"{keys.periods}{thing}:{block}", *days)
        asked.append(zscore(keys.unfolded, thing))
    found: dict[Cell, DayState] = {}
    answers = iter(store.many(asked))
    for ((thing, block), days), totals, verdicts, waits in zip(fields.items(), answers, answers, answers, strict=True):
        assert isinstance(totals, list)
        assert isinstance(verdicts, list)
        for place, total, packed in zip(days, totals, verdicts, strict=True):
            day = block * DAYS + place
            found[thing, day] = DayState(
                read_total(total) if total else NOTHING,
                unpack_period(day, packed) if packed else None,
                int(waits) if isinstance(waits, float) else None,
            )
    return [found[cell] for cell in cells]


def read_waiting(store: Store, things: Sequence[str]) -> dict[str, int | None]:
    """Return the oldest day of each thing whose verdict waits for the judge; None if none does."""
    answers = store.many(zscore(store.partition(thing).unfolded, thing) for thing in things)
    return {thing: None if day is None else int(day) for thing, day in zip(things, answers, strict=True)}
