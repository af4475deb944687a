"""Series, their windows, and the daily totals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from kumo.domain import moments
from kumo.domain.entries import DAY_MS, Series
from kumo.domain.moments import LIMBS, Moments
from kumo.domain.names import compare_name
from kumo.store import codec
from kumo.store.client import Store, pairs
from kumo.store.commands import Command, first_of, get, hgetall, hkeys, hmget, last_of, range_by_score, sinter
from kumo.store.partition import Partition

DAYS: Final = 256
BILLION: Final = 10**9


class WindowState(NamedTuple):
    """A series' current window: its moments, and the times in ms of the series' first and last entry.

    `size` is the size of the window at its last change: KUMO_WINDOW at that time.
    """

    moments: Moments
    first_at: int | None
    last_at: int | None
    size: int


def matching(store: Store, filters: Mapping[str, str]) -> list[str]:
    """Return the ids of the series whose fields have the given values, in any spelling; all without filters."""
    found: Iterable[Iterable[bytes]]
    if filters:
        found = store.many(sinter(*sets(partition, filters)) for partition in store.partitions)
    else:
        found = store.many(hkeys(partition.series) for partition in store.partitions)
    return sorted(series_id.decode() for ids in found for series_id in ids)


def sets(partition: Partition, filters: Mapping[str, str]) -> list[str]:
    """Return the sets of a partition whose intersection has the series with the given values.

    All spellings of a value are the same.
    """
    return [f"{partition.with_}{name}:{compare_name(value)}" for name, value in filters.items()]


def identities(store: Store, series_ids: Sequence[str]) -> dict[str, Series]:
    """Return the current or former series with these ids; unknown ones are left out."""
    wanted = list(dict.fromkeys(series_ids))
    found = _identities(store, "series", wanted)
    return found | _identities(store, "former", [series_id for series_id in wanted if series_id not in found])


def _identities(store: Store, name: str, wanted: Sequence[str]) -> dict[str, Series]:
    held: dict[str, list[str]] = {}
    for series_id in wanted:
        held.setdefault(getattr(store.partition(series_id), name), []).append(series_id)
    found = zip(held.values(), store.many(hmget(key, *ids) for key, ids in held.items()), strict=True)
    rows = (row for ids, texts in found for row in zip(ids, texts, strict=True))
    return {series_id: codec.read_series(text) for series_id, text in rows if text}


def windows(store: Store, series_ids: Sequence[str]) -> list[WindowState]:
    """Return the windows of series."""
    asked: list[Command[bytes | list[bytes] | None]] = []
    for series_id in series_ids:
        partition = store.partition(series_id)
        entries = partition.entries + series_id
        asked += (get(partition.moments + series_id), first_of(entries), last_of(entries))
    found = store.many(asked)
    return [_window(found[at], _score(found[at + 1]), _score(found[at + 2])) for at in range(0, len(found), 3)]


def _window(text: bytes | list[bytes] | None, first_at: int | None, last_at: int | None) -> WindowState:
    numbers = map(int, text.split()) if isinstance(text, bytes) else (0, 0, *[0] * LIMBS)
    size, n, *limbs = numbers
    return WindowState(moments=moments.join(n, limbs), first_at=first_at, last_at=last_at, size=size)


def _score(answer: bytes | list[bytes] | None) -> int | None:
    return int(answer[1]) if answer else None


def amounts(store: Store, series_id: str) -> list[tuple[int, int]]:
    """Return every entry of a series, newest first, as (timestamp in ms, amount in micros); only for `verify`."""
    partition = store.partition(series_id)
    answer = store.client.zrevrange(partition.entries + series_id, 0, -1, withscores=True)
    return [(int(score), int(member[11:])) for member, score in answer]


def amounts_between(store: Store, series_id: str, low: int, high: int, most: int) -> list[tuple[int, int]]:
    """Return entries of a series between two times (ms, both included) as (timestamp, micros), oldest first."""
    entries = store.partition(series_id).entries + series_id
    [answer] = store.many([range_by_score("ZRANGEBYSCORE", entries, low, high, most)])
    return [(int(score), int(member[11:])) for member, score in pairs(answer)]


def find_newest(store: Store, series_ids: Sequence[str]) -> dict[str, int]:
    """Return the number of the newest entry of series, by id; without those that have none."""
    found = store.many(last_of(store.partition(series_id).entries + series_id) for series_id in series_ids)
    return {series_id: int(row[0][:10], 16) for series_id, row in zip(series_ids, found, strict=True) if row}


def newest_entries(store: Store, series_id: str, most: int) -> list[tuple[int, int, int]]:
    """Return the newest entries of a series as (number, timestamp in ms, micros), by timestamp."""
    answer = store.client.zrevrange(store.partition(series_id).entries + series_id, 0, most - 1, withscores=True)
    return [(int(member[:10], 16), int(score), int(member[11:])) for member, score in reversed(answer)]


Daily = list[tuple[int, int, int]]


def daily(store: Store, series_ids: Sequence[str], first: int, last: int) -> Iterator[tuple[str, Daily]]:
    """Yield series ids, each with some of its (day, entries, micros), from day `first` to day `last` since 1970-01-01.

    A series appears several times, with other days each time, or never.
    """
    blocks = range(first // DAYS, last // DAYS + 1)
    wanted = [(series_id, block) for series_id in series_ids for block in blocks]
    answers = store.many(
        hgetall(f"{store.partition(series_id).daily}{series_id}:{block}") for series_id, block in wanted
    )
    for (series_id, block), values in zip(wanted, answers, strict=True):
        yield series_id, read_block(block, values, first, last)


def read_block(block: int, values: Mapping[bytes, bytes], first: int, last: int) -> Daily:
    """Read (day, entries, micros) from day `first` to day `last` of one hash of up to 256 days.

    An `x` before a place is left out: so are shares of groups marked whose costs are no usage.
    """
    days = [block * DAYS + int(place.removeprefix(b"x")) for place in values]
    # All numbers of a block at once: a year of a hundred series has 36,500 days.
    numbers = list(map(int, b" ".join(values.values()).split()))
    if len(numbers) > len(days) * 3:  # some have quantities
        numbers = [int(number) for text in values.values() for number in text.split(b" ", 3)[:3]]
    rows = zip(days, numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    return [(day, count, high * BILLION + low) for day, count, high, low in rows if first <= day <= last]


def day_of(timestamp: int) -> int:
    """Return the day of a time in ms, counted from 1970-01-01 in UTC."""
    return timestamp // DAY_MS


def date_of(day: int) -> date:
    """Return the date of a day counted from 1970-01-01."""
    return datetime.fromtimestamp(day * DAY_MS / 1000, tz=UTC).date()
