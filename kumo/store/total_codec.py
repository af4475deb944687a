"""The stored form of a total: `<entries> <10⁹ micros> <micros>`, the same in the totals of series and of groups.

If entries have quantities, five more numbers follow: how many have one, then the sum of the quantities and that of the
codes of their units, each in 10⁹ and the rest.
"""

from typing import Final

from kumo.domain.totals.amounts import PeriodTotal

BILLION: Final = 10**9


def write_total(total: PeriodTotal) -> str:
    """Write a total; empty if it has no entries."""
    if not total.entries:
        return ""
    used = f" {total.measured} {_split(total.quantity)} {_split(total.units)}" if total.measured else ""
    return f"{total.entries} {_split(total.micros)}{used}"


def read_total(text: bytes) -> PeriodTotal:
    """Parse a total."""
    entries, high, low, *used = map(int, text.split())
    micros = high * BILLION + low
    if not used:
        return PeriodTotal(micros=micros, entries=entries)
    measured, quantity, more, units, rest = used
    return PeriodTotal(
        micros=micros,
        entries=entries,
        measured=measured,
        quantity=quantity * BILLION + more,
        units=units * BILLION + rest,
    )


def _split(number: int) -> str:
    """Write a number in billions and the rest, each with its sign: Lua has fifteen digits."""
    high, low = divmod(abs(number), BILLION)
    return f"{high} {low}" if number >= 0 else f"{-high} {-low}"
