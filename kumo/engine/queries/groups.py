"""Groups with their totals by day: a list of those of a dimension, and one with its periods."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Final

from kumo.domain.entries import is_series_id
from kumo.domain.groups import ALL, TAG, Group
from kumo.domain.names import compare_name
from kumo.domain.paging import Position
from kumo.engine.queries import listing
from kumo.engine.queries.periods import assess, find_days
from kumo.engine.queries.views import GroupState, Page, PeriodState, Query
from kumo.errors import FieldError, InvalidQueryError, NotFoundError
from kumo.services import Services
from kumo.store import census, day_totals, groups, things
from kumo.store.group_sizes import sum_combined
from kumo.store.lone_series import find_lone_series

# How many days with costs to look back for the newest of groups, further each time for those that have none so far.
LOOK_BACK: Final = (8, 256, 10**6)
PERIODS_DAYS: Final = 365
WEEK: Final = 7


def list_groups(services: Services, dimension: str, query: Query) -> Page[GroupState]:
    """Return a page of the groups of a dimension, by id, each with its newest period.

    Raises `InvalidQueryError` for a filter by what is no part of the dimension.
    """
    found = _select(services, dimension, query)

    def load(places: Sequence[Position]) -> list[GroupState | None]:
        chosen = {place.id: found[place.id] for place in places}
        newest = _find_newest(services, chosen)
        return [GroupState(group_id, group, newest.get(group_id)) for group_id, group in chosen.items()]

    places = listing.after((Position(0, group_id) for group_id in found), query)
    return listing.fill(query, [places], load, every=True)


def list_largest(services: Services, dimension: str, query: Query, count: int) -> list[GroupState]:
    """Return the groups of a dimension with the largest spend of the newest week of their currency, largest first.

    Credits count by their size. Costs that were recorded a moment ago may not count yet. Raises `InvalidQueryError` for
    a filter by what is no part of the dimension.
    """
    found = _select(services, dimension, query)
    spend: dict[str, int] = {}
    for currency in {group.currency for group in found.values()}:
        if days := _list_days(services, currency):
            own = [name for name, group in found.items() if group.currency == currency]
            spend |= sum_combined(services.store, own, days[-1] - WEEK + 1, days[-1])
    largest = heapq.nsmallest(count, found, key=lambda name: (-abs(spend.get(name, 0)), name))
    newest = _find_newest(services, {name: found[name] for name in largest})
    return [GroupState(name, found[name], newest.get(name)) for name in largest]


def _select(services: Services, dimension: str, query: Query) -> dict[str, Group]:
    """Return the groups of a dimension that a query's filters select, by id."""
    wanted = _read_filters(dimension, query)
    values = groups.list_values(services.store, dimension)
    return {group.id: group for group in values if not wanted or wanted.items() <= _names(group).items()}


def find_group(services: Services, group_id: str, query: Query) -> GroupState:
    """Return one group with its periods that begin in the times of a query: by default, its newest year.

    Raises `NotFoundError`.
    """
    group = groups.describe(services.store, [group_id]).get(group_id) if is_series_id(group_id) else None
    if group is None:
        raise NotFoundError(f"There is no group {group_id[:80]!r}.")
    newest = _find_newest(services, {group_id: group}).get(group_id)
    first, last = find_days(services, query)
    if newest and not query.low:
        first = min(last, newest.period.number) - PERIODS_DAYS
    periods = _read_periods(services, {group_id: group}, first, last)[group_id]
    return GroupState(group_id, group, newest, periods)


def _read_filters(dimension: str, query: Query) -> dict[str, str]:
    """Return the wanted names of a group, in compared form."""
    asked = query.series | {f"{TAG}{compare_name(key)}": value for key, value in query.tags.items()}
    known = {"currency", *dimension.split(",")} - {ALL}
    wrong = [name for name in asked if name not in known]
    if wrong:
        named = [name.replace(TAG, "tag.") for name in wrong]
        raise InvalidQueryError([FieldError(name, f"is no part of the dimension {dimension}") for name in named])
    return {name: compare_name(value) if name != "currency" else value for name, value in asked.items()}


def _names(group: Group) -> dict[str, str]:
    """Return the names of a group's value in compared form, and its currency."""
    names = [] if group.dimension == ALL else group.dimension.split(",")
    return dict(zip(names, map(compare_name, group.value), strict=True)) | {"currency": group.currency}


def _find_newest(services: Services, wanted: Mapping[str, Group]) -> dict[str, PeriodState]:
    """Return the newest period with costs of each group."""
    found: dict[str, PeriodState] = {}
    for currency in sorted({group.currency for group in wanted.values()}):
        own = {group_id: group for group_id, group in wanted.items() if group.currency == currency}
        found |= _find_newest_of_currency(services, currency, own)
    return found


def _find_newest_of_currency(services: Services, currency: str, wanted: Mapping[str, Group]) -> dict[str, PeriodState]:
    """Look back over the days on which the currency has costs: most groups have some on the newest of them."""
    days = _list_days(services, currency)
    found: dict[str, PeriodState] = {}
    for count in LOOK_BACK:
        if days:
            some, days = days[-count:], days[:-count]
            left = {group_id: group for group_id, group in wanted.items() if group_id not in found}
            read = _read_periods(services, left, some[0], some[-1])
            found |= {group_id: periods[-1] for group_id, periods in read.items() if periods}
    return found


def _list_days(services: Services, currency: str) -> list[int]:
    """Return the days on which a currency has costs, in order."""
    whole = Group(ALL, (), currency).id
    _, last = find_days(services, Query())
    return list(groups.read_current(services.store, [whole], 0, last)[whole])


def _read_periods(
    services: Services, wanted: Mapping[str, Group], first: int, last: int
) -> dict[str, list[PeriodState]]:
    """Return the periods of groups with costs, in order. A group of one series shows the verdicts of the series."""
    ids = list(wanted)
    if first > last or not ids:
        return {group_id: [] for group_id in ids}
    totals = groups.read_current(services.store, ids, first, last)
    judged = census.find_judged(services.store, ids)
    lone = find_lone_series(services.store, {name: group for name, group in wanted.items() if name not in judged})
    known = judged | lone.keys()
    owners = {group_id: lone.get(group_id, group_id) for group_id in ids}
    verdicts = things.read_periods(services.store, list(owners.values()), first, last)
    waiting = day_totals.read_waiting(services.store, list(owners.values()))
    return {
        group_id: [
            assess(day, sums, verdicts[owner].get(day), waiting[owner], is_judged=group_id in known)
            for day, sums in totals[group_id].items()
        ]
        for group_id, owner in owners.items()
    }
