"""Converts the totals of one day of one series to an entry."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from kumo.billing import BillError, Total
from kumo.billing.amounts import add
from kumo.billing.contributors import MOST_NAMES, TOP
from kumo.billing.row import ZERO, Line
from kumo.billing.split import join_parts
from kumo.billing.totals import UNNAMED
from kumo.domain import money
from kumo.domain.entries import Entry, Series
from kumo.domain.names import fit_name, is_visible
from kumo.domain.parts import MOST_VALUES, OTHER_VALUES, Parts, round_parts
from kumo.store import scopes
from kumo.store.scopes import Place

# Names of resources may have 200 letters and are in every entry; their ends distinguish them.
MAX_NAME: Final = 80

_NOT_EXACT: Final = (
    "{} daily or hourly totals have more resources than the limit of a bill ({:,}): the amounts of single resources may"
    " be too low"
)
_OTHER_VALUES: Final = (
    "{} has more than {:,} values on a day of a series: the smallest, of {} {}, are stored as " + OTHER_VALUES
)


@lru_cache(maxsize=10_000)
def series_of(line: Line) -> Series:
    """Return the series of a line."""
    return Series(
        service=fit_name(line.service) if is_visible(line.service) else UNNAMED,
        currency=fit_name(line.currency),
        provider=fit_name(line.provider),
        account=fit_name(line.account),
        region=fit_name(line.region),
        charge_category=line.category,
    )


def entry_of(scope: str, start: int, totals: Sequence[Total], tag_keys: Sequence[str]) -> Entry:
    """Return the entry of totals that differ only in spelling; raise `BillError` for too large amounts."""
    series = series_of(totals[0].line)
    amount, billed = ZERO, ZERO
    names: dict[str, Decimal] = {}
    for total in totals:
        amount, billed = add(amount, total.amount), add(billed, total.billed)
        for each in total.contributors:
            names[each.name] = add(names.get(each.name, ZERO), each.amount)
    largest = sorted(names.items(), key=lambda item: (-abs(item[1]), item[0]))[:TOP]
    quantity, unit = _read_used(totals)
    try:
        micros = money.to_micros(amount)
        return Entry(
            series=series,
            amount=micros,
            timestamp=start,
            external_id=scopes.external_id(scope, start),
            quantity=quantity,
            unit=unit,
            parts=_parts(totals, tag_keys, micros),
            billed=money.to_micros(billed),
            contributors=tuple((_tail(name), money.to_micros(value)) for name, value in largest),
        )
    except ValueError as error:
        day = datetime.fromtimestamp(start / 1000, UTC)
        raise BillError(f"adds up to more than Kumo can store, {series.service} on {day:%Y-%m-%d}: {error}") from None


def _read_used(totals: Sequence[Total]) -> tuple[int | None, str]:
    """Return the used quantity and its unit; empty if units differ, or if it is too large."""
    said = [(total.quantity, total.unit) for total in totals if total.quantity is not None]
    units = {unit for quantity, unit in said if quantity} or {unit for _, unit in said[:1]}
    if len(units) != 1:
        return None, ""
    used = ZERO
    for quantity, _ in said:
        used = add(used, quantity)
    try:
        return money.to_micros(used), fit_name(units.pop())
    except ValueError:
        return None, ""


def _parts(totals: Sequence[Total], tag_keys: Sequence[str], amount: int) -> Parts:
    """Split an amount by each key with a value in some part."""
    found = {}
    for place, key in enumerate(tag_keys):
        # A total without any value has no parts: all of it is without the tag.
        each = (total.parts[place] or (("", total.amount),) for total in totals)
        if parts := totals[0].parts[place] if len(totals) == 1 else join_parts(part for some in each for part in some):
            found[key] = round_parts(parts, amount)
    return found


def _tail(name: str) -> str:
    name = name.encode("utf-8", "replace").decode()
    return name if len(name) <= MAX_NAME else "…" + name[1 - MAX_NAME :]


def notes_of(totals: Iterable[Total], wanted: Mapping[str, Mapping[Place, Entry]]) -> list[str]:
    """Return notes about values of tags, and resources, beyond the limits."""
    others: Counter[tuple[str, str]] = Counter()
    for entries in wanted.values():
        for entry in entries.values():
            for key, parts in entry.parts.items():
                if OTHER_VALUES in parts:
                    others[key, entry.series.currency] += parts[OTHER_VALUES]
    notes = [
        _OTHER_VALUES.format(key, MOST_VALUES, money.exact(micros), currency)
        for (key, currency), micros in sorted(others.items())
    ]
    vague = sum(not all(each.exact for each in total.contributors) for total in totals)
    return [*notes, _NOT_EXACT.format(vague, MOST_NAMES)] if vague else notes
