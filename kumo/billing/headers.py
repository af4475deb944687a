"""Column names, compared without the differences of exports, and readers for their cells."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from kumo.billing import amounts
from kumo.billing.amounts import ABSENT
from kumo.billing.errors import BillError
from kumo.billing.tags import plain

Cells = Sequence[Any]
ReadText = Callable[[Cells], str]
ReadAmount = Callable[[Cells], Decimal | None]

NOT_A_NUMBER: Final = Decimal("NaN")
_SHOWN: Final = 40
# Azure's localised exports write "Ressourcengruppe (ResourceGroup)".
_ENGLISH: Final = re.compile(r"\(([A-Za-z][A-Za-z0-9 _]*)\)\s*$")


def fold(header: str) -> str:
    """Drop case, slashes, underscores, dots and spaces: lineItem/UsageType and line_item_usage_type are one column."""
    return "".join(filter(str.isalnum, header.casefold()))


class Headers:
    """The columns of a file as spelled, and the set of their folded names."""

    def __init__(self, raw: Iterable[str]) -> None:
        self.raw: tuple[str, ...] = tuple(raw)
        self.folded: dict[str, int] = {}
        # The first of two columns with one name wins, and a real name wins over an English one in brackets.
        for place, header in enumerate(self.raw):
            self.folded.setdefault(fold(header), place)
        for place, header in enumerate(self.raw):
            if english := _ENGLISH.search(header):
                self.folded.setdefault(fold(english[1]), place)

    def has(self, *names: str) -> int:
        """Count how many of the folded names exist."""
        return sum(name in self.folded for name in names)


class Columns:
    """Finds columns by folded name and returns readers of their cells.

    A CSV record has a cell for each header. From Parquet and JSON only the found columns are read: each found column
    gets the next place, and `wanted` has their order. JSON is `open_ended`: a record may have fields that the first
    one lacks, so every name counts as existing, those of the first record first. `amounts` are the columns that
    are read as amounts, `needed` the places that every record must have. If `adds_up`, records that differ
    only in the `summed` numbers and the time of day in `time` may be read as one. Amounts may have a
    `decimal_comma` if cells are not separated by commas.
    """

    def __init__(
        self, headers: Headers, *, lazy: bool = False, open_ended: bool = False, decimal_comma: bool = False
    ) -> None:
        self.headers = headers
        self.wanted: list[str] = []
        self.amounts: list[str] = []
        self.needed: set[int] = set()
        self.time: int | None = None
        self.adds_up = False
        self.summed: set[int] = set()
        self._told: set[int] = set()
        self._lazy = lazy
        self._open = open_ended
        self._local = amounts.LocalAmounts() if decimal_comma else None

    @property
    def has_decimal_comma(self) -> bool:
        """Whether an amount had a decimal comma."""
        return self._local is not None and self._local.mark == ","

    @property
    def can_group(self) -> bool:
        """Whether records may be read as one: they add up, and no number is also read as something else."""
        return self.adds_up and self.summed.isdisjoint(self._told)

    @property
    def last(self) -> int | None:
        """The place of the last column with a reader; None without readers."""
        return max(self.summed | self._told, default=None)

    def find(self, *names: str) -> list[int]:
        """Return the places of the existing ones of the folded names, in the given order."""
        found = self.places(*names)
        self._told.update(found)
        return found

    def places(self, *names: str) -> list[int]:
        """Return the same as `find`, for a reader of numbers that add up."""
        there = [name for name in names if self._open or name in self.headers.folded]
        if not self._lazy:
            return [self.headers.folded[name] for name in there]
        self.wanted += [name for name in there if name not in self.wanted]
        return [self.wanted.index(name) for name in there]

    def _there(self, names: Sequence[str]) -> list[str]:
        """Return the existing names, then those that later records may have."""
        found = [name for name in names if name in self.headers.folded]
        return found + [name for name in names if name not in found] if self._open else found

    def require(self, what: str, *names: str) -> str:
        """Return the first existing one of the folded names; raise `BillError` if there is none."""
        if not (there := self._there(names)):
            seen = ", ".join(self.headers.raw[:_SHOWN])
            raise BillError(f"has no column for the {what}; looked for {' or '.join(names)}, saw {seen}")
        self.needed.update(self.find(there[0]))
        return there[0]

    def spell(self, name: str) -> str:
        """Return a folded name as the file spells it."""
        place = self.headers.folded.get(name)
        return name if place is None else self.headers.raw[place]

    def starting(self, *prefixes: str) -> list[str]:
        """Return the names of the columns whose folded names start with a prefix and continue."""
        return [
            raw
            for name, place in self.headers.folded.items()
            for raw in [self.headers.raw[place]]
            if name == fold(raw) and name.startswith(prefixes) and name not in prefixes
        ]

    def text(self, *names: str) -> ReadText:
        """Return a reader of the first of the columns with a text; empty if there is none."""
        return first_text(self.find(*names))

    def value(self, *names: str) -> Callable[[Cells], Any]:
        """Return a reader of the first existing column, with the file's own value; None without one."""
        if not (there := self._there(names)):
            return lambda _: None
        return itemgetter(self.find(there[0])[0])

    def amount(self, *names: str) -> ReadAmount | None:
        """Return a reader of the amount in the first existing column; None if there is none."""
        if not (there := self._there(names)):
            return None
        place, shown = self.places(there[0])[0], self.spell(there[0])
        parse = self._local.parse if self._local else amounts.parse
        self.amounts.append(shown)
        self.needed.add(place)
        self.summed.add(place)
        return lambda cells: parse(cells[place], shown)

    def quantity(self, *names: str) -> ReadAmount | None:
        """Return a reader of a number that is not money: NaN if it is malformed. Records may lack it."""
        if not (there := self._there(names)):
            return None
        place, local = self.places(there[0])[0], self._local
        self.summed.add(place)

        def quantity(cells: Cells) -> Decimal | None:
            value = cells[place]
            try:
                return local.parse_beside(value) if local else amounts.parse(value, "")
            except BillError:
                return NOT_A_NUMBER

        return quantity


def first_text(places: Sequence[int]) -> ReadText:
    """Return a reader of the first text among these cells."""
    if not places:
        return lambda _: ""
    if len(places) == 1:
        return _one(places[0])
    head, rest = places[0], first_text(places[1:])

    def first(cells: Cells) -> str:
        value = cells[head]
        if value.__class__ is str:
            return rest(cells) if value in ABSENT else value
        return plain(value) or rest(cells)

    return first


def _one(place: int) -> ReadText:
    def one(cells: Cells) -> str:
        value = cells[place]
        if value.__class__ is str:
            return "" if value in ABSENT else value
        return plain(value)

    return one


def together(places: Sequence[int]) -> Callable[[Cells], Hashable]:
    """Return a reader of several cells at once."""
    return itemgetter(*places) if places else lambda _: ()
