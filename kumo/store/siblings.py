"""The series of one service: which there are, and some of their days."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kumo.domain.offsets import SiblingDays
from kumo.domain.totals.folding import JudgedPeriod
from kumo.store import series
from kumo.store.client import Store
from kumo.store.commands import Command, hmget
from kumo.store.period_codec import unpack_period
from kumo.store.series import DAYS
from kumo.store.total_codec import read_total

CALL_SERIES: Final = 500


def list_ids(store: Store, service: str, currency: str) -> list[str]:
    """Return the ids of all series of a service in a currency, over all accounts and regions."""
    return series.matching(store, {"service": service, "currency": currency})


def read_days(store: Store, series_ids: Sequence[str], days: Sequence[int]) -> Iterator[tuple[str, SiblingDays]]:
    """Yield each series with its totals and verdicts of some days since 1970-01-01."""
    blocks: dict[int, list[int]] = {}
    for day in days:
        blocks.setdefault(day // DAYS, []).append(day % DAYS)
    for start in range(0, len(series_ids), CALL_SERIES):
        yield from _read_some(store, series_ids[start : start + CALL_SERIES], blocks)


def _read_some(
    store: Store, series_ids: Sequence[str], blocks: Mapping[int, Sequence[int]]
) -> Iterator[tuple[str, SiblingDays]]:
    wanted = [(series_id, block) for series_id in series_ids for block in blocks]
    commands: list[Command[list[bytes | None]]] = []
    for series_id, block in wanted:
        partition = store.partition(series_id)
        commands += (
            hmget(f"{family}{series_id}:{block}", *blocks[block]) for family in (partition.daily, partition.periods)
        )
    totals: dict[str, dict[int, tuple[int, int]]] = {series_id: {} for series_id in series_ids}
    judged: dict[str, dict[int, JudgedPeriod]] = {series_id: {} for series_id in series_ids}
    answers = store.many(commands)
    for (series_id, block), texts, verdicts in zip(wanted, answers[::2], answers[1::2], strict=True):
        days = [block * DAYS + place for place in blocks[block]]
        amounts = ((day, read_total(text)) for day, text in zip(days, texts, strict=True) if text)
        totals[series_id] |= {day: (total.entries, total.micros) for day, total in amounts}
        known = (unpack_period(day, packed) for day, packed in zip(days, verdicts, strict=True) if packed)
        judged[series_id] |= {period.number: period for period in known if period}
    for series_id in series_ids:
        yield series_id, SiblingDays(totals[series_id], judged[series_id])
