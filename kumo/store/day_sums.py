"""The days of many series and groups: what they spent in some of them, and on which they have entries."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kumo.store.client import Store
from kumo.store.commands import Command, hkeys, hmget
from kumo.store.series import DAYS
from kumo.store.total_codec import read_total

CALL_THINGS: Final = 1_000
# How far back entries are looked for: fifteen years.
MOST_BLOCKS: Final = 22


def sum_days(store: Store, things: Sequence[str], first: int, last: int) -> Iterator[tuple[str, int]]:
    """Yield series and groups with entries in some days, each with what it spent in them, in micros.

    Costs that are no usage are left out.
    """
    for thing, days in read_days(store, things, first, last):
        yield thing, sum(days.values())


def read_days(store: Store, things: Sequence[str], first: int, last: int) -> Iterator[tuple[str, dict[int, int]]]:
    """Yield series and groups with entries in some days, each with its micros by day; usage only."""
    blocks: Mapping[int, range] = {
        block: range(max(first, block * DAYS), min(last, block * DAYS + DAYS - 1) + 1)
        for block in range(first // DAYS, last // DAYS + 1)
        if first <= last  # a clock may be behind the costs
    }
    for start in range(0, len(things), CALL_THINGS):
        wanted = [(thing, block) for thing in things[start : start + CALL_THINGS] for block in blocks]
        commands: list[Command[list[bytes | None]]] = [
            hmget(f"{store.partition(thing).daily}{thing}:{block}", *(day % DAYS for day in blocks[block]))
            for thing, block in wanted
        ]
        found: dict[str, dict[int, int]] = {}
        for (thing, block), texts in zip(wanted, store.many(commands), strict=True):
            known = {day: read_total(text).micros for day, text in zip(blocks[block], texts, strict=True) if text}
            if known:
                found.setdefault(thing, {}).update(known)
        yield from found.items()


def list_days(store: Store, things: Sequence[str], before: int) -> dict[str, list[int]]:
    """Return the days with entries of series and groups before a day, in order; without costs that are no usage.

    Of groups also those days that are not combined yet.
    """
    blocks = range(max(before // DAYS - MOST_BLOCKS, 0), before // DAYS + 1)
    asked = [
        (thing, block, f"{family}{thing}:{block}")
        for thing in things
        for family in [store.partition(thing).daily, *(partition.shares for partition in store.partitions)]
        for block in blocks
    ]
    found: dict[str, set[int]] = {thing: set() for thing in things}
    for (thing, block, _), fields in zip(asked, store.many(hkeys(key) for *_, key in asked), strict=True):
        found[thing] |= {block * DAYS + int(field) for field in fields if field.isdigit()}
    return {thing: sorted(day for day in days if day < before) for thing, days in found.items()}
