"""The total of a period: exact sums of its entries, whatever was added, restated and removed before."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from kumo.domain.names import compare_name

# A code has 40 bits, so that the sum over eight million entries fits into the 64 bits of Redis' integers.
_CODE_BYTES: Final = 5


@lru_cache(maxsize=10_000)
def encode_unit(unit: str) -> int:
    """Return the code of a unit: 40 bits of the SHA-256 of its name, as names are compared."""
    return int.from_bytes(hashlib.sha256(compare_name(unit).encode()).digest()[:_CODE_BYTES], "big")


class PeriodTotal(NamedTuple):
    """The sums of a period's entries. Each field is a sum, so totals add up, and an entry can be taken out again.

    `micros` is the amount and `entries` their number. `measured` is the number of those with a quantity, `quantity` the
    sum of these in millionths of the unit, and `units` the sum of their units' codes.
    """

    micros: int = 0
    entries: int = 0
    measured: int = 0
    quantity: int = 0
    units: int = 0

    def combine(self, other: "PeriodTotal") -> "PeriodTotal":
        """Add a total, such as the share of another partition."""
        return PeriodTotal(
            micros=self.micros + other.micros,
            entries=self.entries + other.entries,
            measured=self.measured + other.measured,
            quantity=self.quantity + other.quantity,
            units=self.units + other.units,
        )

    def negate(self) -> "PeriodTotal":
        """Return the total that subtracts this one."""
        return PeriodTotal(
            micros=-self.micros,
            entries=-self.entries,
            measured=-self.measured,
            quantity=-self.quantity,
            units=-self.units,
        )

    @property
    def exists(self) -> bool:
        """Whether the period has entries. A period without any has no total, which is not the same as zero."""
        return self.entries > 0

    @property
    def unit_code(self) -> int | None:
        """The code of the unit, if all entries have a quantity in the same one.

        The codes' sum divided by their number is the code of one unit. The probability that a mixture gives a known
        code by chance is about 10⁻¹².
        """
        if not self.measured or self.measured != self.entries or self.units % self.measured:
            return None
        return self.units // self.measured

    def measure(self, units: Mapping[int, str]) -> tuple[int, str] | None:
        """Return the quantity in millionths and its unit, if all entries have one of the same unit.

        `units` holds the names of all units that were ever recorded, by their codes.
        """
        code = self.unit_code
        return (self.quantity, units[code]) if code is not None and code in units else None


NOTHING: Final = PeriodTotal()


def entry_total(micros: int, quantity: int | None = None, unit: str = "") -> PeriodTotal:
    """Return the total of one entry; its quantity is in millionths of its unit, None if it has none."""
    if quantity is None:
        return PeriodTotal(micros=micros, entries=1)
    return PeriodTotal(micros=micros, entries=1, measured=1, quantity=quantity, units=encode_unit(unit))
