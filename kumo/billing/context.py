"""The state of one reading of a bill: the caller's answers, notes, and open questions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kumo.billing import tags
from kumo.billing.day_order import DayOrder
from kumo.billing.errors import BillError, quote
from kumo.billing.headers import Cells, Columns, ReadText
from kumo.billing.moments import TimeReader
from kumo.billing.options import Options
from kumo.billing.row import NO_TAGS
from kumo.billing.tag_keys import TagKeys
from kumo.domain.money import CURRENCIES

MAX_NOTES: Final = 100
_CACHED: Final = 4_096


@dataclass(frozen=True, slots=True)
class Note:
    """A note about a bill for people, and the row where it first applied."""

    text: str
    row: int | None = None

    def __str__(self) -> str:
        """Write it in one line."""
        return self.text if self.row is None else f"{self.text} (first in row {self.row})"


class Context:
    """Shared by the readers of one bill. `where` returns the current row.

    `times` is the number of records that the current one represents. `blank` counts records without an amount, `sums`
    those that only repeat sums of others, `splits` the additional rows into which charges were split. The functions in
    `closing` are called once all rows are read.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.tag_keys = TagKeys(options.tag_keys)
        self.where: Callable[[], int | None] = lambda: None
        self.moments = TimeReader()
        self.notes: dict[str, Note] = {}
        self.currencies: dict[str, str] = {}
        self.datasets: set[str] = set()
        self.times = 1
        self.blank = 0
        self.sums = 0
        self.splits = 0
        self.closing: list[Callable[[], None]] = []

    def note(self, text: str) -> None:
        """Add a note about this row, once."""
        if text not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes[text] = Note(text, self.where())

    def remark(self, text: str) -> None:
        """Add a note about the whole bill."""
        self.notes.setdefault(text, Note(text))

    def currency(self, columns: Columns, *names: str) -> ReadText:
        """Return a reader of the currency: that of the row, else that of the options, else a refusal."""
        read, known, settle = columns.text(*names), self.currencies, self.settle
        column = next((columns.spell(name) for name in names if columns.find(name)), "")

        def currency(cells: Cells) -> str:
            text = read(cells)
            return known[text] if text in known else settle(text, column)

        return currency

    def check_days(
        self, read: Callable[[Cells], Any], read_period: Callable[[Cells], Any], column: str
    ) -> Callable[[Cells], None] | None:
        """Return a check of each day against the billing period of its row; None if slash dates are not read.

        It raises `BillError` for a date whose day is before its month: wrong months are worse than a refusal.
        """
        if not self.moments.month_first:
            return None
        order, seen = DayOrder(self.moments, column), set[tuple[object, object]]()
        self.closing.append(order.close)

        def check(cells: Cells) -> None:
            pair = read(cells), read_period(cells)
            if pair not in seen:
                seen.add(pair)
                order.check(*pair)

        return check

    def settle(self, text: str, column: str = "") -> str:
        """Return a currency in its stored form, with a note if ISO 4217 does not have it."""
        code = text.strip() or self.options.currency
        code = code.upper() if code.upper() in CURRENCIES else code
        if not code:
            raise BillError("has no currency; give one (option currency)", column=column)
        if code not in CURRENCIES:
            self.note(f"{quote(code)} is not a currency of ISO 4217; kept as given")
        self.currencies[text] = code
        return code

    def tags(self, columns: Columns, *names: str) -> Callable[[Cells], Mapping[str, str]]:
        """Return a reader of tags; malformed ones are left out with a note, because no sum depends on them."""
        if self.tag_keys.is_empty or not columns.find(*names):
            return lambda _: NO_TAGS
        read, choose, known = columns.value(*names), self.tag_keys.choose, dict[str, Mapping[str, str]]()

        def read_tags(cells: Cells) -> Mapping[str, str]:
            value = read(cells)
            if not value:
                return NO_TAGS
            if not isinstance(value, str):
                return choose(self._tags(value))
            if value not in known:
                if len(known) >= _CACHED:
                    known.clear()
                known[value] = choose(self._tags(value))
            return known[value]

        return read_tags

    def _tags(self, value: object) -> Mapping[str, str]:
        try:
            return tags.read(value)
        except ValueError:
            self.note("the tags are not readable and were left out")
            return NO_TAGS
