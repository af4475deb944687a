"""The largest contributors of a total, in limited memory."""

import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kumo.billing import amounts
from kumo.billing.room import Room

TOP: Final = 10
KEPT: Final = 20
CAPACITY: Final = 40
# Names with exact sums, for all totals of a bill together.
MOST_NAMES: Final = 150_000


@dataclass(frozen=True, slots=True)
class Contributor:
    """A resource or usage type and its cost; if not `exact`, some of it may be missing."""

    name: str
    amount: Decimal
    exact: bool = True


class Tally:
    """Sums by name, of the largest names only.

    While there is room, every name has its own exact sum. Without room this is Space-Saving (Metwally, Agrawal, El
    Abbadi 2005), pruned in batches: above `CAPACITY` names, those with the largest sum plus `missed` stay. `missed`
    bounds what a name may have had when it was dropped: the bound of the largest name ever dropped. So if amounts have
    one sign, any name with more than 1/KEPT of the total is present, even one that grows late. Names added after the
    first drop are not exact. Bounds only rank, so they are floats; sums never are.
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
        # In a month a resource appears on thirty days: one text serves them all.
        sums[sys.intern(name)] = amount
        if self._missed is not None:
            self._missed[name] = self._floor
        self._room.left -= 1
        if self._room.left < 0 and len(sums) > CAPACITY:
            self._prune()

    def top(self) -> tuple[Contributor, ...]:
        """Return the ten names with the largest sums, by magnitude."""
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
