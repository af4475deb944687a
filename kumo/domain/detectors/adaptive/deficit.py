"""Late cost: what is missing from the last entries may arrive now, and is no spike then."""

from typing import Final

KEPT: Final = 0.75  # of what is missing is still awaited one entry later: bills catch up within days
NOTABLE: Final = 2.0  # spreads below the expected from which cost is missing: nearer is noise but for one in forty
MOST: Final = 3.0  # times the expected: no more than three days are awaited


def count_missing(deficit: float, amount: float, expected: float, z: float) -> float:
    """Return the cost still missing after an entry, in micros; what was credited is already taken off `deficit`.

    A credit is no missing cost: the next ordinary entry does not make up for it.
    """
    deficit *= KEPT
    if z < -NOTABLE and amount >= 0.0:
        deficit += expected - amount
    return min(max(deficit, 0.0), MOST * abs(expected))
