"""The largest contributors to a total, in bounded memory."""

import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kumo.billing import amounts
from kumo.billing.room import Room

TOP: Final = 10
KEPT: Final = 20
CAPACITY: Final = 40
# Names of all totals of a bill together that have exact sums.
PLACES: Final = 150_000


@dataclass(frozen=True, slots=True)
class Contributor:
    """A resource or usage type and what it cost; where not `exact`, some of it may be missing."""

    name: str
    amount: Decimal
    exact: bool = True


class Tally:
    """Sums by name, of the largest names only.

    As long as there is room, every name has an exact sum of its own. Without it this is Space-Saving (Metwally,
    Agrawal, El Abbadi 2005), pruned in batches: more than `CAPACITY` names are too many, and those stay that have the
    largest sum plus `missed`: what a name may have had when it was dropped, at most the bound of the largest one ever
    dropped. So where amounts have one sign, any name that makes up more than 1/KEPT of the total is there, also one
    that grows late. What came after the first drop is not exact. Bounds only rank, so they are floats; sums never are.
    """

    __slots__ = ("_floor", "_missed", "_room", "_sums")

    def __init__(self, room: Room) -> None:
        self._room = room
        self._sums: dict[str, Decimal] = {}
        self._missed: dict[str, float] | None = None
        self._floor = 0.0

    def count(self, name: str, amount: Decimal) -> None:
        """Add an amount to a name."""
        sums = self._sums
        known = sums.get(name)
        if known is not None:
            sums[name] = amounts.add(known, amount)
            return
        # A month of days names a resource thirty times: one text serves them all.
        sums[sys.intern(name)] = amount
        if self._missed is not None:
            self._missed[name] = self._floor
        self._room.left -= 1
        if self._room.left < 0 and len(sums) > CAPACITY:
            self._prune()

    def top(self) -> tuple[Contributor, ...]:
        """Return the ten names with the largest sums, whatever their sign."""
        ranked = sorted(self._sums.items(), key=lambda item: (-abs(item[1]), item[0]))
        missed = self._missed or {}
        return tuple(Contributor(name, amount, name not in missed) for name, amount in ranked[:TOP])

    def _prune(self) -> None:
        missed = self._missed = self._missed or {}
        bounds = {name: abs(float(amount)) + missed.get(name, 0.0) for name, amount in self._sums.items()}
        ranked = sorted(bounds, key=bounds.__getitem__, reverse=True)
        self._floor = max(self._floor, bounds[ranked[KEPT]])
        self._room.left += len(ranked) - KEPT
        for name in ranked[KEPT:]:
            del self._sums[name]
            missed.pop(name, None)
