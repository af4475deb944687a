"""Sums of costs by day: from the totals of groups if the question is about one dimension, else from those of series."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from kumo.domain.groups import ACCOUNT_SERVICE, ALL, DIMENSIONS
from kumo.domain.names import compare_name, spellings
from kumo.domain.tagged import ask_tags
from kumo.engine.queries import tag_group_sums, tag_sums
from kumo.engine.queries.views import DailyTotal
from kumo.services import Services
from kumo.store import groups, series
from kumo.store.series import Daily

NONE: Final = "none"
# How a question begins that is by the values of a tag.
TAG: Final = "tag:"
NO_TAGS: Final[Mapping[str, str]] = MappingProxyType({})
CURRENCY: Final = "currency"

# What a row is of: names, and a currency.
_Key = tuple[tuple[str, ...], str]


def sum_days(
    services: Services, by: str, filters: Mapping[str, str], first: date, last: date, tags: Mapping[str, str] = NO_TAGS
) -> list[DailyTotal]:
    """Return the totals of each day from `first` to `last`, per currency and per what `by` names ("none": of all).

    `by` may name a tag, as tag:KEY, or the pair account,service. `tags` are values of tags: then only the parts that
    have them count. Of several spellings of a name the first by code points stands for all. Raises `InvalidQueryError`
    if too many entries would have to be read, or if two tags cannot be told apart.
    """
    since, until = _day(first), _day(last)
    if tags or by.startswith(TAG):
        key = by.removeprefix(TAG) if by.startswith(TAG) else ""
        tagged = ask_tags(tags, key)
        grouped = tag_group_sums.find_key(services, tagged, filters) if key or by == NONE else None
        if grouped is not None:
            return tag_group_sums.sum_days(services, grouped, tagged, filters, since, until)
        return tag_sums.sum_days(services, by, tagged, filters, since, until)
    dimension = find_dimension(by, filters)
    if dimension and groups.are_complete(services.store):
        keys, days = _read_groups(services, dimension, by, filters, since, until)
    else:
        keys, days = _read_series(services, by, filters, since, until)
    return _add_up(by, keys, days)


def find_dimension(by: str, filters: Mapping[str, str]) -> str | None:
    """Return the dimension of which the groups answer a question; None if there is none."""
    names = {*(by.split(",") if by != NONE else ()), *filters} - {CURRENCY}
    if not names:
        return ALL
    dimension = next(iter(names)) if len(names) == 1 else ACCOUNT_SERVICE
    return dimension if dimension in DIMENSIONS and names <= set(dimension.split(",")) else None


def _read_groups(
    services: Services, dimension: str, by: str, filters: Mapping[str, str], first: int, last: int
) -> tuple[dict[str, _Key], Iterable[tuple[str, Daily]]]:
    wanted = {name: compare_name(value) for name, value in filters.items()}
    names = () if dimension == ALL else dimension.split(",")
    found: dict[str, _Key] = {}
    for group in groups.list_values(services.store, dimension):
        known = dict(zip(names, group.value, strict=True)) | {CURRENCY: group.currency}
        if all(compare_name(known[name]) == value for name, value in wanted.items()):
            found[group.id] = tuple(known[name] for name in _names(by)), group.currency
    return found, groups.daily(services.store, list(found), first, last)


def _read_series(
    services: Services, by: str, filters: Mapping[str, str], first: int, last: int
) -> tuple[dict[str, _Key], Iterable[tuple[str, Daily]]]:
    ids = series.matching(services.store, filters)
    known = series.identities(services.store, ids)
    found = {
        series_id: (tuple(str(getattr(one, name)) for name in _names(by)), one.currency)
        for series_id, one in known.items()
    }
    return found, series.daily(services.store, ids, first, last)


def _names(by: str) -> list[str]:
    return [] if by == NONE else by.split(",")


def _add_up(by: str, keys: Mapping[str, _Key], found: Iterable[tuple[str, Daily]]) -> list[DailyTotal]:
    spelled = [spellings(names) for names in zip(*(names for names, _ in keys.values()), strict=True)]
    totals: dict[_Key, dict[int, tuple[int, int]]] = defaultdict(dict)
    for one, rows in found:
        names, currency = keys[one]
        days = totals[tuple(place[name] for place, name in zip(spelled, names, strict=True)), currency]
        for day, entries, micros in rows:
            count, amount = days.get(day, (0, 0))
            days[day] = count + entries, amount + micros
    ordered = sorted((day, *key, *total) for key, days in totals.items() for day, total in days.items())
    return [
        DailyTotal(
            date=series.date_of(day),
            key=",".join(names),
            currency=currency,
            amount=amount,
            entries=count,
            names=dict(zip(_names(by), names, strict=True)) if by == ACCOUNT_SERVICE else {},
        )
        for day, names, currency, count, amount in ordered
    ]


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days
