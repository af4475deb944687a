"""The CSV download of AWS Cost Explorer: one row a day, one column a service, totals beside both."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kumo.billing import amounts
from kumo.billing.context import Context
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers, first_text
from kumo.billing.row import Line, Row, make_row
from kumo.domain.money import CURRENCIES

SOURCE: Final = "aws_ce"
TITLE: Final = 'AWS Cost Explorer CSV (first column of dates, then "Service($)" and "Total costs($)")'
_COLUMN: Final = re.compile(r"(.*?)\s*\(([^()]{1,4})\)\s*")
_SYMBOLS: Final = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "R$": "BRL", "₹": "INR"}
_TOTAL: Final = re.compile(r"total( costs?)?", re.IGNORECASE)
_TOTAL_ROW: Final = re.compile(r".* total", re.IGNORECASE)
# Columns of lump sums, if costs are grouped by service or by charge type.
_LUMPS: Final = {"Tax", "Refund", "Credit", "Fee", "RI Fee", "Savings Plan Recurring Fee", "Savings Plan Upfront Fee"}


@dataclass(frozen=True, slots=True)
class _Series:
    place: int
    header: str
    title: str
    currency: str


def recognises(headers: Headers) -> bool:
    """Recognise the download by its column of totals: like each but the first, it ends in a currency."""
    first, *rest = headers.raw or [""]
    sums = [split[0] for header in rest if (split := _split(header))]
    return not _split(first) and any(_TOTAL.fullmatch(title) for title in sums)


def mapping(columns: Columns, context: Context) -> Callable[[Cells], Sequence[Row]]:
    """Return a reader of days: a row for each cell that is not empty, none for sums of other cells."""
    first = columns.headers.raw[0]
    series = _series(columns.headers.raw, context)
    dimension = first.strip().casefold()
    date = first_text([0])
    parse, moments, given = amounts.parse, context.moments, context.options.account
    starts: set[int] = set()
    context.closing.append(lambda: _remark_months(starts, context))

    def rows(cells: Cells) -> Sequence[Row]:
        day = date(cells)
        if _TOTAL_ROW.fullmatch(day.strip()):
            context.sums += 1
            return ()
        start = moments.read(day, first)
        starts.add(start)
        period = moments.month(start)
        found = []
        for each in series:
            amount = parse(cells[each.place], each.header)
            if amount is None:
                continue
            account = each.title if dimension == "linked account" else given
            service = "" if dimension in {"region", "linked account"} else each.title
            region = each.title if dimension == "region" else ""
            category = each.title if each.title in _LUMPS else ""
            line = Line(SOURCE, given, period, "aws", account, region, service, each.currency, category)
            found.append(make_row(start=start, line=line, amount=amount, billed=amount))
        context.blank += not found
        return found

    return rows


def _series(raw: Sequence[str], context: Context) -> list[_Series]:
    """Return the columns of amounts, without the total unless it is the only one, so that nothing counts twice."""
    found: list[_Series] = []
    totals: list[_Series] = []
    for place, header in enumerate(raw[1:], start=1):
        if split := _split(header):
            title, currency = split
            is_total = _TOTAL.fullmatch(title) is not None
            (totals if is_total else found).append(_Series(place, header, title, context.settle(currency, header)))
        else:
            context.remark(f"the column {header!r} has no amounts with a currency and was left out")
    if not found and not totals:
        raise BillError("has no column for the amount; looked for headers that end in a currency, such as EC2($)")
    return found or totals


def _remark_months(starts: Collection[int], context: Context) -> None:
    """Add a note if each row is a month: its days are not known."""
    if starts and all(datetime.fromtimestamp(start / 1000, UTC).day == 1 for start in starts):
        doubt = "" if len(starts) > 1 else ", unless its one row is only for the first day"
        context.remark(f"this is a monthly download{doubt}: detection needs days; choose daily granularity")


def _split(header: str) -> tuple[str, str] | None:
    """Split "S3($)" into its title and its currency."""
    parts = _COLUMN.fullmatch(header)
    currency = parts and _SYMBOLS.get(parts[2], parts[2] if parts[2] in CURRENCIES else "")
    return (parts[1], currency) if parts and currency else None
