"""Late cost: the missing part of the last entries may arrive now, and is then not a spike."""

from typing import Final

KEPT: Final = 0.75  # share of the missing cost that is still expected one entry later: bills catch up within days
NOTABLE: Final = 2.0  # spreads below the expected from which on cost counts as missing: less is noise in 39 of 40 cases
MOST: Final = 3.0  # times the expected: at most three days are awaited


def count_missing(deficit: float, amount: float, expected: float, z: float) -> float:
    """Return the cost still missing after an entry, in micros; the credited part is already subtracted from `deficit`.

    A credit is not missing cost: the next ordinary entry does not make up for it.
    """
    deficit *= KEPT
    if z < -NOTABLE and amount >= 0.0:
        deficit += expected - amount
    return min(max(deficit, 0.0), MOST * abs(expected))
