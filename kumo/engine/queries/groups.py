"""Groups with their totals by day: a list of those of a dimension, and one with its periods."""

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

# How many days with costs to look back for the newest of groups, further each time for those that have none so far.
LOOK_BACK: Final = (8, 256, 10**6)
PERIODS_DAYS: Final = 365


def list_groups(services: Services, dimension: str, query: Query) -> Page[GroupState]:
    """Return a page of the groups of a dimension, by id, each with its newest period.

    Raises `InvalidQueryError` for a filter by what is no part of the dimension.
    """
    wanted = _read_filters(dimension, query)
    values = (
        group for group in groups.list_values(services.store, dimension) if wanted.items() <= _names(group).items()
    )
    found = {group.id: group for group in values}

    def load(places: Sequence[Position]) -> list[GroupState | None]:
        chosen = {place.id: found[place.id] for place in places}
        newest = _find_newest(services, chosen)
        return [GroupState(group_id, group, newest.get(group_id)) for group_id, group in chosen.items()]

    places = listing.after((Position(0, group_id) for group_id in found), query)
    return listing.fill(query, [places], load, every=True)


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
    periods = _read_periods(services, [group_id], first, last)[group_id]
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
    whole = Group(ALL, (), currency).id
    _, last = find_days(services, Query())
    days = list(groups.read_current(services.store, [whole], 0, last)[whole])
    found: dict[str, PeriodState] = {}
    for count in LOOK_BACK:
        if days:
            some, days = days[-count:], days[:-count]
            left = [group_id for group_id in wanted if group_id not in found]
            read = _read_periods(services, left, some[0], some[-1])
            found |= {group_id: periods[-1] for group_id, periods in read.items() if periods}
    return found


def _read_periods(services: Services, ids: Sequence[str], first: int, last: int) -> dict[str, list[PeriodState]]:
    """Return the periods of groups with costs, in order."""
    if first > last or not ids:
        return {group_id: [] for group_id in ids}
    totals = groups.read_current(services.store, ids, first, last)
    verdicts = things.read_periods(services.store, ids, first, last)
    waiting = day_totals.read_waiting(services.store, ids)
    judged = census.find_judged(services.store, ids)
    return {
        group_id: [
            assess(day, sums, verdicts[group_id].get(day), waiting[group_id], is_judged=group_id in judged)
            for day, sums in totals[group_id].items()
        ]
        for group_id in ids
    }
