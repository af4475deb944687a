"""From rows to totals: one sum for each series and day (or hour), exact, with what drove it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

from kumo.billing import amounts
from kumo.billing.categories import category
from kumo.billing.contributors import Contributor, Tally
from kumo.billing.errors import BillError
from kumo.billing.options import Options
from kumo.billing.row import ZERO, Line, Row
from kumo.domain.categories import CATEGORIES, USAGE

Granularity = Literal["daily", "hourly"]
Amount = Literal["amortized", "billed"]
AMOUNTS: Final[tuple[Amount, ...]] = get_args(Amount)
STEPS: Final[dict[Granularity, int]] = {"daily": 86_400_000, "hourly": 3_600_000}
_KNOWN: Final = 1_000_000
# A series must have a service; a few files name none.
UNNAMED: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the rows of one scope, series, step of time and category.

    `line` says which scope and series. Its `category` is empty where the total is judged: it then holds all the
    categories asked for. Else it is one of the others, kept apart. `start` is the first millisecond of the day or hour
    (UTC). `amount` is the sum that was asked for, `billed` the one that is invoiced. The rows of one series and day
    stand in two totals where they are in two billing periods: whoever stores them adds up what the scopes say.
    """

    line: Line
    start: int
    amount: Decimal
    billed: Decimal
    rows: int
    contributors: tuple[Contributor, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether detection looks at it."""
        return not self.line.category


class _Sum:
    """What a total is while rows still come. `gap` is billed less amount: exact, and zero for most rows."""

    __slots__ = ("amount", "gap", "rows", "tally")

    def __init__(self) -> None:
        self.amount = ZERO
        self.gap = ZERO
        self.rows = 0
        self.tally = Tally()


def daily(
    rows: Iterable[Row],
    granularity: Granularity = "daily",
    amount: Amount = "amortized",
    categories: Collection[str] = frozenset({USAGE}),
    most: int = Options().max_totals,
) -> list[Total]:
    """Sum rows into totals, in the order of their first rows.

    `categories` are those that detection looks at (see `kumo.billing.categories`); raises `ValueError` for others, and
    `BillError` for more totals than `most`, each of which takes 3 kB of memory until it is stored.
    """
    if unknown := set(categories) - CATEGORIES:
        raise ValueError(f"no such charge categories: {', '.join(sorted(unknown))}")
    step, invoiced, add = STEPS[granularity], amount == "billed", amounts.add
    subtract = amounts.subtract
    sums: dict[tuple[Line, int], _Sum] = {}
    known: dict[tuple[Line, int], _Sum] = {}
    for start, line, amortized, billed, resource, _, _ in rows:
        key = (line, start - start % step)
        found = known.get(key)
        if found is None:
            merged = (_merged(line, categories), key[1])
            if len(known) >= _KNOWN:
                known.clear()
            found = known[key] = sums.setdefault(merged, _Sum())
            if len(sums) > most:
                raise BillError(f"comes to more than {most} daily or hourly totals, the most allowed")
        value = billed if invoiced else amortized
        found.amount = add(found.amount, value)
        if billed is not value:
            found.gap = add(found.gap, subtract(billed, value))
        found.rows += 1
        if resource:
            found.tally.count(resource, value)
    return [
        Total(*key, each.amount, add(each.amount, each.gap), each.rows, each.tally.top()) for key, each in sums.items()
    ]


def _merged(line: Line, categories: Collection[str]) -> Line:
    """Return what a line counts towards: types of usage count together, and a series must have a service."""
    kind = category(line.category)
    return line._replace(service=line.service or UNNAMED, category="" if kind in categories else kind)
