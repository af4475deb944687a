"""A total split by the values of tags, in limited memory."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import chain
from typing import Final

from kumo.billing import amounts
from kumo.billing.room import Room
from kumo.billing.row import ZERO
from kumo.billing.tag_keys import Values
from kumo.domain.names import compare_name
from kumo.domain.parts import MOST_VALUES, OTHER_VALUES

# Values with their own sums, for all totals of a bill together.
MOST_PARTS: Final = 500_000
# Combinations of values that a total keeps before it splits them by key.
COMBINATIONS: Final = 1_000
Part = tuple[str, Decimal]


class Split:
    """The sums of one total by value, for each of some keys.

    Rows are summed by combination of values, so that each needs one lookup, and split by key once there are many. If
    there is no room left, new values count as others.
    """

    __slots__ = ("_combinations", "_keys", "_room")

    def __init__(self, keys: int, room: Room) -> None:
        self._combinations: dict[Values, Decimal] = {}
        self._keys: list[dict[str, Decimal]] = [{} for _ in range(keys)]
        self._room = room

    def count(self, values: Values, amount: Decimal) -> None:
        """Add an amount to a combination of values."""
        known = self._combinations.get(values)
        if known is not None:
            self._combinations[values] = amounts.add(known, amount)
            return
        self._combinations[values] = amount
        self._room.left -= 1
        if self._room.left < 0 or len(self._combinations) > COMBINATIONS:
            self._settle()

    def _settle(self) -> None:
        """Add the sums of combinations to the sums of their values."""
        self._room.left += len(self._combinations)
        for values, amount in self._combinations.items():
            for sums, value in zip(self._keys, values, strict=True):
                name = value
                if name not in sums:
                    name = name if self._room.left > 0 else OTHER_VALUES
                    self._room.left -= name not in sums
                sums[name] = amounts.add(sums.get(name, ZERO), amount)
        self._combinations.clear()

    def parts(self) -> tuple[tuple[Part, ...], ...]:
        """Return the values of each key with their sums, largest first; empty if no row has a value."""
        return tuple(
            join_parts(chain(sums.items(), ((values[place], amount) for values, amount in self._combinations.items())))
            for place, sums in enumerate(self._keys)
        )


def join_parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Add parts up by value, in any spelling; the first spelling stays. Values beyond the largest become one part."""
    sums: dict[str, tuple[str, Decimal]] = {}
    for value, amount in parts:
        name = compare_name(value)
        spelled, known = sums.get(name, (value, ZERO))
        sums[name] = spelled, amounts.add(known, amount)
    if sums.keys() <= {""}:
        return ()
    ranked = sorted(sums.values(), key=lambda part: (part[0] == OTHER_VALUES, -abs(part[1]), part[0]))
    if len(ranked) <= MOST_VALUES + (ranked[-1][0] == OTHER_VALUES):
        return tuple(ranked)
    others = ZERO
    for _, amount in ranked[MOST_VALUES:]:
        others = amounts.add(others, amount)
    return (*ranked[:MOST_VALUES], (OTHER_VALUES, others))
