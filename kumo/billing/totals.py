"""From rows to totals: one exact sum for each series and day (or hour), with its contributors."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

from kumo.billing import amounts
from kumo.billing.categories import category
from kumo.billing.contributors import MOST_NAMES, Contributor, Tally
from kumo.billing.errors import BillError
from kumo.billing.options import Options
from kumo.billing.room import Room
from kumo.billing.row import ZERO, Line, Row
from kumo.billing.split import MOST_PARTS, Part, Split
from kumo.billing.tag_keys import value_reader
from kumo.domain.categories import CATEGORIES, USAGE

Granularity = Literal["daily", "hourly"]
Amount = Literal["amortized", "billed"]
AMOUNTS: Final[tuple[Amount, ...]] = get_args(Amount)
STEPS: Final[dict[Granularity, int]] = {"daily": 86_400_000, "hourly": 3_600_000}
_KNOWN: Final = 1_000_000
NOT_KNOWN: Final = Decimal("NaN")
# A series must have a service; some files have none.
UNNAMED: Final = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The sum of the rows of one scope, series, step of time and category.

    `line` has the scope and series. Its `category` is empty if the total is judged: it then contains all judged
    categories. Otherwise it is one of the others, kept apart. `start` is the first millisecond of the day or hour
    (UTC). `amount` is the sum of the chosen amount, `billed` that of the invoiced one. Rows of one series and day
    in two billing periods are in two totals, which the caller adds up.

    `quantity` is the sum of the used quantities: None if there are none, NaN if units differ or one is
    unreadable. `parts` has the amount by value of each wanted tag key, none if no row has a value.
    """

    line: Line
    start: int
    amount: Decimal
    billed: Decimal
    rows: int
    contributors: tuple[Contributor, ...] = ()
    quantity: Decimal | None = None
    unit: str = ""
    parts: tuple[tuple[Part, ...], ...] = ()

    @property
    def judged(self) -> bool:
        """Whether it is judged."""
        return not self.line.category


class _Sum:
    """A total while rows are read. `gap` is billed minus amount: exact, and zero for most rows."""

    __slots__ = ("amount", "gap", "quantity", "rows", "split", "tally", "unit")

    def __init__(self, names: Room, split: Split | None) -> None:
        self.amount = ZERO
        self.gap = ZERO
        self.rows = 0
        self.tally = Tally(names)
        self.split = split
        self.quantity: Decimal | None = None
        self.unit = ""

    def use(self, quantity: Decimal, unit: str) -> None:
        """Add a quantity; several units have no sum, unless all but one are zero."""
        if self.quantity is None or (quantity and not self.quantity):
            self.quantity, self.unit = quantity, unit
        elif unit == self.unit:
            self.quantity = amounts.add(self.quantity, quantity)
        elif quantity:
            self.quantity = NOT_KNOWN

    def total(self, line: Line, start: int) -> Total:
        """Return the total."""
        return Total(
            line=line,
            start=start,
            amount=self.amount,
            billed=amounts.add(self.amount, self.gap),
            rows=self.rows,
            contributors=self.tally.top(),
            quantity=self.quantity,
            unit=self.unit,
            parts=self.split.parts() if self.split else (),
        )


class _Sums:
    """The sums of a bill: by line and start as summed (`found`), and as in rows (`known`)."""

    def __init__(self, categories: Collection[str], most: int, keys: int) -> None:
        self._categories = categories
        self._most = most
        self._keys = keys
        self._names = Room(MOST_NAMES)
        self._values = Room(MOST_PARTS)
        self.found: dict[tuple[Line, int], _Sum] = {}
        self.known: dict[tuple[Line, int], _Sum] = {}

    def find(self, line: Line, start: int) -> _Sum:
        """Return the sum for rows of a line; raise `BillError` if it would be one too many."""
        key = (_merge(line, self._categories), start)
        found = self.found.get(key)
        if found is None:
            if len(self.found) >= self._most:
                raise BillError(f"has more than {self._most} daily or hourly totals, the most allowed")
            split = Split(self._keys, self._values) if self._keys else None
            found = self.found[key] = _Sum(self._names, split)
        if len(self.known) >= _KNOWN:
            self.known.clear()
        self.known[line, start] = found
        return found


def daily(
    rows: Iterable[Row],
    granularity: Granularity = "daily",
    amount: Amount = "amortized",
    categories: Collection[str] = frozenset({USAGE}),
    most: int = Options().max_totals,
    tag_keys: Sequence[str] = (),
) -> list[Total]:
    """Sum rows into totals, in the order of their first rows.

    `categories` are the judged ones (see `kumo.billing.categories`); raises `ValueError` for unknown ones, and
    `BillError` for more totals than `most`, each of which takes 3 kB of memory until it is stored. Totals are split
    by the values of `tag_keys`.
    """
    if unknown := set(categories) - CATEGORIES:
        raise ValueError(f"unknown charge categories: {', '.join(sorted(unknown))}")
    step, invoiced, add = STEPS[granularity], amount == "billed", amounts.add
    subtract, values = amounts.subtract, value_reader(tag_keys)
    sums = _Sums(categories, most, len(tag_keys))
    known = sums.known
    for start, line, amortized, billed, resource, tags, _, quantity, unit, times in rows:
        key = (line, start - start % step)
        found = known.get(key)
        if found is None:
            found = sums.find(*key)
        value = billed if invoiced else amortized
        found.amount = add(found.amount, value)
        if billed is not value:
            found.gap = add(found.gap, subtract(billed, value))
        found.rows += times
        if resource:
            found.tally.count(resource, value)
        if quantity is not None:
            found.use(quantity, unit)
        if found.split:
            found.split.count(values(tags), value)
    return [each.total(*key) for key, each in sums.found.items()]


def _merge(line: Line, categories: Collection[str]) -> Line:
    """Return the line that a line counts for: categories of usage count together, and a series must have a service."""
    kind = category(line.category)
    return line._replace(service=line.service or UNNAMED, category="" if kind in categories else kind)
