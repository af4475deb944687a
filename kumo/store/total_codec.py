"""The stored form of a total: `<entries> <10⁹ micros> <micros>`, the same in the totals of series and of groups."""

from typing import Final

from kumo.domain.totals.amounts import PeriodTotal

BILLION: Final = 10**9


def write_total(total: PeriodTotal) -> str:
    """Write a total; empty if it has no entries."""
    return f"{total.entries} {_split(total.micros)}" if total.entries else ""


def read_total(text: bytes) -> PeriodTotal:
    """Parse a total."""
    entries, high, low = map(int, text.split())
    return PeriodTotal(micros=high * BILLION + low, entries=entries)


def _split(number: int) -> str:
    """Write a number in billions and the rest, each with its sign: Lua has fifteen digits."""
    high, low = divmod(abs(number), BILLION)
    return f"{high} {low}" if number >= 0 else f"{-high} {-low}"
