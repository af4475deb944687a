"""Daily totals by one tag, from the totals of its groups: their cost grows with days and values, not with entries."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from kumo.domain.groups import ALL, Group, name_tag_dimension
from kumo.domain.names import compare_name, is_same_name
from kumo.domain.parts import OTHER_VALUES
from kumo.domain.tagged import Tagged
from kumo.engine.queries.views import DailyTotal
from kumo.services import Services
from kumo.store import groups
from kumo.store.series import date_of

CURRENCY: Final = "currency"

# A day, counted from 1970-01-01, and a currency.
_Place = tuple[int, str]
# Micros and number of entries, by value.
_Values = dict[str, tuple[int, int]]


def find_key(services: Services, tagged: Tagged, filters: Mapping[str, str]) -> str | None:
    """Return the key of tags of which the groups answer a question; None if there is none."""
    if len(tagged.keys) != 1 or not filters.keys() <= {CURRENCY}:
        return None
    [key] = tagged.keys
    return key if key in groups.list_tagged(services.store) else None


def sum_days(
    services: Services, key: str, tagged: Tagged, filters: Mapping[str, str], first: int, last: int
) -> list[DailyTotal]:
    """Return totals of the days from `first` to `last`, counted from 1970-01-01, by values of a tag or of one value.

    What a day of a currency has beyond its values, since the retention removed entries before a restore, is that of
    other values.
    """
    days = _read(services, name_tag_dimension(key), filters, first, last)
    incomplete = {place for place, values in days.items() if OTHER_VALUES in values}
    if not tagged.wanted:
        for place, (micros, entries) in _read_all(services, filters, first, last).items():
            values = days[place]
            missing = micros - sum(amount for amount, _ in values.values())
            if missing or not values:
                amount, count = values.get(OTHER_VALUES, (0, 0))
                more = max(entries - sum(number for _, number in values.values()), 1)
                values[OTHER_VALUES] = amount + missing, count + more
                incomplete.add(place)
    return sorted(
        (
            DailyTotal(
                date=date_of(day),
                key=value if tagged.by else "",
                currency=currency,
                amount=micros,
                entries=entries,
                complete=(day, currency) not in incomplete,
            )
            for (day, currency), values in days.items()
            for value, (micros, entries) in values.items()
            if all(compare_name(value) == wanted for wanted in tagged.wanted.values())
        ),
        key=lambda row: (row.date, row.key, row.currency),
    )


def _read(
    services: Services, dimension: str, filters: Mapping[str, str], first: int, last: int
) -> dict[_Place, _Values]:
    """Return the totals of the groups of a dimension, by day, currency and value."""
    known: dict[str, Group] = {
        group.id: group
        for group in groups.list_values(services.store, dimension)
        if is_same_name(filters.get(CURRENCY, group.currency), group.currency)
    }
    found: dict[_Place, _Values] = defaultdict(dict)
    for group_id, rows in groups.daily(services.store, list(known), first, last):
        group = known[group_id]
        value = group.value[0] if group.value else ""
        for day, count, amount in rows:
            values = found[day, group.currency]
            micros, entries = values.get(value, (0, 0))
            values[value] = micros + amount, entries + count
    return found


def _read_all(services: Services, filters: Mapping[str, str], first: int, last: int) -> dict[_Place, tuple[int, int]]:
    """Return the totals of all costs, by day and currency."""
    return {place: values[""] for place, values in _read(services, ALL, filters, first, last).items()}
