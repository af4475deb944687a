"""Totals of days and hours with their verdicts, as they stand now."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from kumo.domain.entries import DAY_MS, Series, is_series_id
from kumo.domain.paging import Position
from kumo.domain.totals.amounts import NOTHING, PeriodTotal, entry_total
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.domain.totals.periods import HOUR_MS, HOUR_TOTALS_DAYS, Grain, number_period
from kumo.engine.queries import listing
from kumo.engine.queries.views import Cost, Page, PeriodState, PeriodStatus, Query
from kumo.errors import FieldError, InvalidQueryError, NotFoundError
from kumo.services import Services
from kumo.store import day_totals, groups, hours, series, things
from kumo.store.groups import ShareOfDay
from kumo.store.series import day_of

# No entry is of a day after this many from today on.
DAYS_AHEAD: Final = 2
MOST_ENTRIES: Final = 400_000
_TOO_MANY: Final = "begins so early that more than {:,} costs would be read: ask for fewer hours"


def list_periods(services: Services, series_id: str, grain: Grain, query: Query) -> Page[PeriodState]:
    """Return a page of the periods of a series that begin in the times of a query.

    Raises `NotFoundError`, and `InvalidQueryError` for too many entries.
    """
    known = series.identities(services.store, [series_id]) if is_series_id(series_id) else {}
    if series_id not in known:
        raise NotFoundError(f"There is no series {series_id[:80]!r}.")
    identity = known[series_id]
    read = _read_days if grain is Grain.DAY else _read_hours
    found = {state.period.start: state for state in read(services, series_id, identity, query)}

    def load(places: Sequence[Position]) -> list[PeriodState | None]:
        return [found[place.time] for place in places]

    places = listing.after((Position(start, series_id) for start in found), query)
    return listing.fill(query, [places], load, every=True)


def _read_days(services: Services, series_id: str, identity: Series, query: Query) -> Iterable[PeriodState]:
    first, last = find_days(services, query)
    totals = groups.read_totals(services.store, [series_id], first, last)[series_id]
    verdicts = things.read_periods(services.store, [series_id], first, last)[series_id]
    waits_from = day_totals.read_waiting(services.store, [series_id])[series_id]
    for day, sums in totals.items():
        yield assess(day, _exclude(identity, sums.judged), verdicts.get(day), waits_from, is_judged=True)


def _read_hours(services: Services, series_id: str, identity: Series, query: Query) -> Iterable[PeriodState]:
    """Sum the entries of hours. Those of a series that comes hourly have verdicts."""
    newest = series.windows(services.store, [series_id])[0].last_at
    if newest is None:
        return
    high = min(query.high, newest)
    low = max(query.low, high - HOUR_TOTALS_DAYS * DAY_MS)
    amounts = series.amounts_between(services.store, series_id, low, high, MOST_ENTRIES + 1)
    if len(amounts) > MOST_ENTRIES:
        raise InvalidQueryError([FieldError("from", _TOO_MANY.format(MOST_ENTRIES))])
    totals: dict[int, PeriodTotal] = {}
    for timestamp, micros in amounts:
        hour = timestamp // HOUR_MS
        totals[hour] = totals.get(hour, NOTHING).combine(entry_total(micros))
    verdicts = hours.read_periods(services.store, series_id, low // HOUR_MS, high // HOUR_MS)
    waits_from = day_totals.read_waiting(services.store, [series_id])[series_id]
    for hour, total in totals.items():
        if query.low <= hour * HOUR_MS:
            verdict, sums = verdicts.get(hour), _exclude(identity, total)
            yield assess(hour, sums, verdict, waits_from, is_judged=verdict is not None, grain=Grain.HOUR)


def find_days(services: Services, query: Query) -> tuple[int, int]:
    """Return the first and the last day since 1970 that begins in the times of a query, and may have entries."""
    return -(-query.low // DAY_MS), min(query.high // DAY_MS, day_of(services.clock()) + DAYS_AHEAD)


def add_totals(services: Services, costs: Sequence[Cost]) -> list[Cost]:
    """Add the total of its day to each cost."""
    days = [(cost.series_id, cost.entry.series, day_of(cost.entry.timestamp)) for cost in costs]
    return [replace(cost, total=state) for cost, state in zip(costs, find_states(services, days), strict=True)]


def find_states(services: Services, days: Sequence[tuple[str, Series, int]]) -> list[PeriodState | None]:
    """Return the states of days of series, each given with its id; None for a day without costs."""
    cells = [(series_id, day) for series_id, _, day in days]
    states = day_totals.read_states(services.store, cells) if cells else []
    return [
        assess(day, _exclude(identity, state.total), state.verdict, state.waits_from, is_judged=True)
        if state.total.exists
        else None
        for (_, identity, day), state in zip(days, states, strict=True)
    ]


def _exclude(identity: Series, total: PeriodTotal) -> ShareOfDay:
    """Return the total of a series by whether it is judged."""
    return ShareOfDay(excluded=total) if identity.charge_category else ShareOfDay(judged=total)


def assess(
    number: int,
    sums: ShareOfDay,
    verdict: JudgedPeriod | None,
    waits_from: int | None,
    *,
    is_judged: bool,
    grain: Grain = Grain.DAY,
) -> PeriodState:
    """Return the state of the total of a day, or of an hour, by its number.

    `waits_from` is the oldest day whose verdict waits for the judge. The verdict may be on an earlier total of the
    period: that on a running one is not renewed for each entry, and holds for all totals up to its limit.
    """
    period = number_period(number, grain)
    waits = waits_from is not None and period.day.number >= waits_from
    status, shown = _choose(sums.judged, verdict, waits=waits, known=is_judged)
    return PeriodState(period=period, total=sums.total, excluded=sums.excluded, status=status, verdict=shown)


def _choose(
    judged: PeriodTotal, verdict: JudgedPeriod | None, *, waits: bool, known: bool
) -> tuple[PeriodStatus, JudgedPeriod | None]:
    if not judged.exists:
        return PeriodStatus.EXCLUDED, None
    if verdict and not waits:
        if verdict.micros == judged.micros:
            return PeriodStatus(verdict.status), verdict
        if verdict.status is TotalStatus.RUNNING and (verdict.limit is None or judged.micros <= verdict.limit):
            return PeriodStatus.RUNNING, verdict._replace(micros=judged.micros, score=None)
    return PeriodStatus.PENDING if known else PeriodStatus.UNJUDGED, None
