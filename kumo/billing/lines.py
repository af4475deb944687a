"""From records to rows, for every format that has a record for each charge: which columns, and the loop's inside."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from kumo.billing.context import Context
from kumo.billing.headers import Cells, Columns
from kumo.billing.providers import provider
from kumo.billing.row import Line, Row

# Amount, billed amount and credits of a record; None where it has no amount.
Costs = Callable[[Cells], tuple[Decimal, Decimal, Decimal] | None]
ReadTags = Callable[[Cells], Mapping[str, str]]
Names = tuple[str, ...]
_CACHED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns of a format by folded name: of several, the first that is there and not empty in a record counts."""

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
    tags: Names = ()


def charges(
    columns: Columns, context: Context, fields: Fields, costs: Costs, tags: ReadTags | None = None
) -> Callable[[Cells], Sequence[Row]]:
    """Make a reader of records; raises `BillError` where there is no column of dates."""
    name = columns.require("date", *fields.date)
    start, date_name = columns.value(name), columns.named(name)
    read, known = context.moments.read, context.moments.known
    line = _lines(columns, context, fields)
    resource = columns.text(*fields.resource)
    tags = tags or context.tags(columns, *fields.tags)

    def rows(cells: Cells) -> Sequence[Row]:
        found = costs(cells)
        if found is None:
            context.blank += 1
            return ()
        value = start(cells)
        at = known.get(value)
        if at is None:
            at = read(value, date_name)
        amount, billed, credited = found
        return (Row(at, line(cells, at), amount, billed, resource(cells), tags(cells), credited),)

    return rows


def _lines(columns: Columns, context: Context, fields: Fields) -> Callable[[Cells, int], Line]:
    """Make a reader of lines that makes each one once: what they are made of repeats over and over."""
    build = _builder(columns, context, fields)
    names = (
        *(*fields.provider, *fields.billing_account, *fields.account, *fields.region, *fields.service),
        *(*fields.currency, *fields.period, *fields.category),
    )
    pick = together(columns.find(*dict.fromkeys(names)))
    known: dict[Hashable, Line] = {}
    in_month = lru_cache(maxsize=_CACHED)(lambda line, period: line._replace(period=period))
    month = context.moments.month

    def line(cells: Cells, start: int) -> Line:
        key = pick(cells)
        try:
            found = known.get(key)
        except TypeError:  # JSON and Parquet may hold a list where a text is meant
            found = build(cells)
        if found is None:
            if len(known) >= _CACHED:
                known.clear()
            found = known[key] = build(cells)
        # The month of the charge stands in for a billing period that is not there.
        return found if found.period else in_month(found, month(start))

    return line


def _builder(columns: Columns, context: Context, fields: Fields) -> Callable[[Cells], Line]:
    named = columns.text(*fields.provider)
    billing_account = columns.text(*fields.billing_account)
    account = columns.text(*fields.account)
    region = columns.text(*fields.region)
    service = columns.text(*fields.service)
    currency = context.currency(columns, *fields.currency)
    period = first_value(columns, *fields.period)
    category = columns.text(*fields.category)
    billing_period, given = context.moments.period, context.options.account
    # One Line for one content: it compares by identity first.
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
            category(cells),
        )

    return build


def first_value(columns: Columns, *names: str) -> Callable[[Cells], Any]:
    """Make a reader of a date: text without the words for nothing, or what Parquet holds instead."""
    text, value = columns.text(*names), columns.value(*names)

    def read(cells: Cells) -> Any:  # noqa: ANN401 - a text or a datetime
        found = value(cells)
        return found if isinstance(found, date) else text(cells)

    return read


def together(places: Sequence[int]) -> Callable[[Cells], Hashable]:
    """Make a reader of several cells at once."""
    return itemgetter(*places) if places else lambda _: ()
