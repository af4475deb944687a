"""From records to rows, for every format with one record for each charge: the columns, and the inner loop."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from kumo.billing import accounts, tags
from kumo.billing.categories import category
from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, ReadText, fold, together
from kumo.billing.providers import provider
from kumo.billing.quantities import quantity_reader
from kumo.billing.row import ZERO, Line, Row, make_row
from kumo.domain.categories import USAGE
from kumo.domain.entries import DAY_MS

# Amount, billed amount and credits of a record; None if it has no amount.
Costs = Callable[[Cells], tuple[Decimal, Decimal, Decimal] | None]
ReadTags = Callable[[Cells], Mapping[str, str]]
Names = tuple[str, ...]
_CACHED: Final = 20_000
# FOCUS has a class of corrections; Oracle and Snowflake have a flag.
_CORRECTIONS: Final = frozenset({"correction", "true"})


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns of a format by folded name: of several, the first that exists and is not empty in a record counts.

    `region_map` is a column with a map, and the keys of the region in it. `charge_class` marks corrections.
    `used_by` are the categories, as in the bill, of charges whose quantity counts; empty means all. If
    a format `adds_up`, records with the same sign and the same other cells may be summed before they are read.
    """

    source: str
    date: Names
    account: Names
    service: Names
    currency: Names
    resource: Names
    provider: Names = ()
    always: str = ""
    billing_account: Names = ()
    region: Names = ()
    period: Names = ()
    category: Names = ()
    charge_class: Names = ()
    region_map: tuple[str, Names] | None = None
    tags: Names = ()
    quantity: Names = ()
    unit: Names = ()
    used_by: frozenset[str] = frozenset()
    adds_up: bool = True

    @property
    def others(self) -> frozenset[str]:
        """The names of all columns except those of dates and numbers."""
        one = (*self.account, *self.service, *self.currency, *self.resource, *self.provider, *self.billing_account)
        other = (*self.region, *self.period, *self.category, *self.charge_class, *self.tags, *self.unit)
        return frozenset((*one, *other))


def charges(
    columns: Columns, context: Context, fields: Fields, costs: Costs, tags: ReadTags | None = None
) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of records; raise `BillError` if there is no column of dates."""
    name = _find_date(columns, fields)
    start, date_name = columns.value(name), columns.spell(name)
    read, known = context.moments.read, context.moments.known
    line = _lines(columns, context, fields)
    resource = columns.text(*fields.resource)
    tags = tags or context.tags(columns, *fields.tags)
    used = quantity_reader(columns, context, fields.quantity, fields.unit, fields.used_by)
    _remark_missing(columns, context, fields)
    check = context.check_days(start, first_value(columns, *fields.period), date_name)

    def rows(cells: Cells) -> Sequence[Row]:
        found = costs(cells)
        if found is None:
            context.blank += context.times
            return ()
        value = start(cells)
        at = known[value] if value in known else read(value, date_name)
        if check:
            check(cells)
        amount, billed, credited = found
        of = line(cells, at)
        quantity, unit = used(cells, of)
        row = make_row(
            start=at,
            line=of,
            amount=amount,
            billed=billed,
            resource=resource(cells),
            tags=tags(cells),
            credits=credited,
            quantity=quantity,
            unit=unit,
        )
        return (row,)

    return rows


def _find_date(columns: Columns, fields: Fields) -> str:
    """Return the name of the date column, and store how rows may be added up by it."""
    name = columns.require("date", *fields.date)
    columns.time = columns.find(name)[0] if fields.adds_up and name not in fields.others else None
    columns.adds_up = fields.adds_up
    return name


def _lines(columns: Columns, context: Context, fields: Fields) -> Callable[[Cells, int], Line]:
    """Return a reader of lines that creates each line once, because their content repeats often."""
    build = _builder(columns, context, fields)
    names = (
        *(*fields.provider, *fields.billing_account, *fields.account, *fields.region, *fields.service),
        *(*fields.currency, *fields.period, *fields.category, *fields.charge_class),
        *(fields.region_map or ())[:1],
    )
    pick = together(columns.find(*dict.fromkeys(names)))
    known: dict[Hashable, Line] = {}
    in_month = lru_cache(maxsize=_CACHED)(lambda line, period: line._replace(period=period))
    month = context.moments.month

    def line(cells: Cells, start: int) -> Line:
        key = pick(cells)
        try:
            found = known.get(key)
        except TypeError:  # JSON and Parquet may have a list instead of a text
            found = build(cells)
        if found is None:
            if len(known) >= _CACHED:
                known.clear()
            found = known[key] = build(cells)
        # The month of the charge replaces a missing billing period.
        return found if found.period else in_month(found, month(start))

    return line


def _builder(columns: Columns, context: Context, fields: Fields) -> Callable[[Cells], Line]:
    named = columns.text(*fields.provider)
    billing_account = accounts.reader(columns, context.note, *fields.billing_account)
    account = accounts.reader(columns, context.note, *fields.account)
    region = _region(columns, fields)
    service = columns.text(*fields.service)
    currency = context.currency(columns, *fields.currency)
    period = first_value(columns, *fields.period)
    kind = _category(columns, fields)
    billing_period, given = context.moments.period, context.options.account
    # One Line object for one content: comparison checks identity first.
    shared = lru_cache(maxsize=_CACHED)(Line)

    def build(cells: Cells) -> Line:
        return shared(
            fields.source,
            billing_account(cells),
            billing_period(period(cells), context.note),
            fields.always or provider(named(cells)),
            account(cells) or given,
            region(cells),
            service(cells),
            currency(cells),
            kind(cells),
        )

    return build


def one_cost(columns: Columns, *names: str, hint: str = "") -> Costs:
    """Return a reader of the only cost of a format; raise `BillError`, with the hint, if there is none."""
    amount = columns.amount(*names)
    if amount is None:
        more = f"; {hint}" if hint else ""
        raise BillError(f"has no column for the amount; looked for {', '.join(names)}{more}")

    def costs(cells: Cells) -> tuple[Decimal, Decimal, Decimal] | None:
        cost = amount(cells)
        return None if cost is None else (cost, cost, ZERO)

    return costs


def note_long_periods(columns: Columns, context: Context, start: str, end: str) -> Callable[[Cells], None]:
    """Return a check that notes records for more than a day, because the cost of each day is unknown."""
    begin, until, read = columns.value(start), columns.value(end), context.moments.read

    def note(cells: Cells) -> None:
        last = until(cells)
        if last and read(last, end) - read(begin(cells), start) > DAY_MS:
            context.note("a row is for more than a day: its cost counts on its first day; export daily costs")

    return note


def _region(columns: Columns, fields: Fields) -> ReadText:
    """Return a reader of the region: from its column, else from the map."""
    direct = columns.text(*fields.region)
    if fields.region_map is None or not columns.find(fields.region_map[0]):
        return direct
    held, keys = columns.value(fields.region_map[0]), fields.region_map[1]

    def inside(cells: Cells) -> str:
        try:
            found = {fold(key): text for key, text in tags.read(held(cells)).items()}
        except ValueError:
            return ""
        return next((found[key] for key in keys if found.get(key)), "")

    return lambda cells: direct(cells) or inside(cells)


def _category(columns: Columns, fields: Fields) -> ReadText:
    """Return a reader of the charge category: a correction of usage is not usage of its day."""
    named = columns.text(*fields.category)
    if not columns.find(*fields.charge_class):
        return named
    class_ = columns.text(*fields.charge_class)

    def read(cells: Cells) -> str:
        found = named(cells)
        is_correction = class_(cells).casefold() in _CORRECTIONS
        return "Adjustment" if is_correction and category(found) == USAGE else found

    return read


def _remark_missing(columns: Columns, context: Context, fields: Fields) -> None:
    """Note that taxes and fees count as usage if no column distinguishes them."""
    if fields.category and not columns.find(*fields.category):
        said = "there is no column of charge categories: taxes, credits and fees count as usage"
        context.closing.append(lambda: context.remark(said))


def first_value(columns: Columns, *names: str) -> Callable[[Cells], Any]:
    """Return a reader of a date: text without words for "empty", or the value of Parquet."""
    text, value = columns.text(*names), columns.value(*names)

    def read(cells: Cells) -> Any:  # noqa: ANN401 - a text or a datetime
        found = value(cells)
        return found if isinstance(found, date) else text(cells)

    return read
