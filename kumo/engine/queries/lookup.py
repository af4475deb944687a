"""Reading costs, daily totals, series, anomalies and alerts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from kumo.domain.alerts import Alert
from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import is_series_id, parse_entry_id
from kumo.domain.paging import Position
from kumo.domain.subjects import is_fixed, read_scope
from kumo.engine.queries import filters, listing, periods
from kumo.engine.queries.views import AnomalyState, Cost, Page, Query, SeriesState
from kumo.errors import NotFoundError
from kumo.services import Services
from kumo.store import anomalies, entries, feedback, outbox, revision, series
from kumo.store.entries import EntryPlace
from kumo.store.series import day_of


def find_revision(services: Services) -> str:
    """Return a text that differs after each arrival, each commit, each pass of the retention and each day.

    While it is the same, entries, verdicts, series and anomalies are the same. Removals within one pass of the
    retention, which takes at most seconds, may appear only with the next.
    """
    return f"{revision.read(services.store)} {today(services)}"


def list_costs(services: Services, query: Query) -> Page[Cost]:
    """Return a page of entries with their verdicts, by time, then by id."""
    has = listing.tag_filter(query.tags)

    def match(cost: Cost | None) -> Cost | None:
        return cost if cost and query.status in (None, cost.status) and has(cost.entry.labels) else None

    def load(places: Sequence[Position]) -> list[Cost | None]:
        found = _costs(services, [entries.place(place.time, place.id) for place in places])
        return list(map(match, found))

    every = query.status is None and not query.tags
    page = listing.fill(query, listing.costs(services.store, query), load, every=every)
    return replace(page, rows=periods.add_totals(services, page.rows))


def find_cost(services: Services, cost_id: str) -> Cost:
    """Return one entry with its verdict; raise `NotFoundError`."""
    found = find_costs(services, [cost_id])
    if not found:
        raise NotFoundError(f"There is no cost {cost_id[:80]!r}.")
    return found[0]


def find_costs(services: Services, ids: Sequence[str]) -> list[Cost]:
    """Return entries with their verdicts, in order; unknown ones are left out."""
    wanted = [found for found in map(parse_entry_id, ids) if found]
    places = [place for place in entries.locate(services.store, wanted) if place]
    return periods.add_totals(services, [cost for cost in _costs(services, places) if cost is not None])


def _costs(services: Services, places: Sequence[EntryPlace]) -> list[Cost | None]:
    known = series.identities(services.store, [place.series_id for place in places])
    found = entries.read(services.store, known, places)
    return [row and Cost(place.id, place.series_id, row[0], row[1]) for place, row in zip(places, found, strict=True)]


def list_series(services: Services, query: Query) -> Page[SeriesState]:
    """Return a page of series, by id."""
    ids = series.matching(services.store, query.series)

    def load(places: Sequence[Position]) -> list[SeriesState | None]:
        found = {state.id: state for state in _series(services, [place.id for place in places])}
        return [found.get(place.id) for place in places]

    return listing.fill(query, [listing.after([Position(0, each) for each in ids], query)], load, every=True)


def find_series(services: Services, series_id: str) -> SeriesState:
    """Return one series; raise `NotFoundError`."""
    found = _series(services, [series_id]) if is_series_id(series_id) else []
    if not found:
        raise NotFoundError(f"There is no series {series_id[:80]!r}.")
    return found[0]


def _series(services: Services, ids: Sequence[str]) -> list[SeriesState]:
    known = series.identities(services.store, ids)
    ids = [series_id for series_id in ids if series_id in known]
    windows = series.windows(services.store, ids)
    days = [(each, known[each], day_of(window.last_at or 0)) for each, window in zip(ids, windows, strict=True)]
    newest = periods.find_states(services, days)
    return [
        SeriesState(
            id=series_id,
            series=known[series_id],
            moments=window.moments,
            first_at=window.first_at,
            last_at=window.last_at,
            newest=state,
        )
        for series_id, window, state in zip(ids, windows, newest, strict=True)
    ]


def list_anomalies(services: Services, query: Query) -> Page[AnomalyState]:
    """Return a page of anomalies, by the time of the entry that opened each, then by id."""

    def load(places: Sequence[Position]) -> list[AnomalyState | None]:
        ids, known = filters.find_candidates(services, {each.id: each.id.partition("-")[0] for each in places}, query)
        rows = [row for row in anomalies.read(services.store, ids) if query.status in (None, row.status)]
        found = [(row, known.get(row.series_id) or row.group) for row in rows if _is_wanted(row, query)]
        said = feedback.read(services.store, [row.id for row, _ in found])
        named = zip(found, said, strict=True)
        states = {row.id: AnomalyState(row, subject, word) for (row, subject), word in named if subject}
        return [states.get(place.id) for place in places]

    runs = anomalies.walk_list(services.store, *listing.read_question(query), query.status)
    return listing.fill(query, runs, load, every=query.status is None and not (query.series or query.tags))


def _is_wanted(row: Anomaly, query: Query) -> bool:
    """Return whether the anomaly of a group matches the filters; those of series are chosen before they are read."""
    group = row.group
    return group is None or is_fixed(read_scope(group), group.currency, query.series, query.tags)


def find_anomaly(services: Services, anomaly_id: str) -> AnomalyState:
    """Return one anomaly; raise `NotFoundError`."""
    place = parse_entry_id(anomaly_id)
    found = anomalies.find(services.store, place[0], anomaly_id) if place else None
    if found is None:
        raise NotFoundError(f"There is no anomaly {anomaly_id[:80]!r}.")
    [said] = feedback.read(services.store, [anomaly_id])
    return AnomalyState(
        found, found.group or series.identities(services.store, [found.series_id])[found.series_id], said
    )


def list_alerts(services: Services, query: Query) -> Page[Alert]:
    """Return a page of alerts, by the time when they were raised, then by id."""

    def load(places: Sequence[Position]) -> list[Alert | None]:
        ids, _ = filters.find_candidates(services, {each.id: outbox.series_of(each.id) for each in places}, query)
        rows = [row for row in outbox.read(services.store, ids) if query.status in (None, row.delivery.status)]
        found = {row.id: row for row in rows if _is_wanted_alert(row, query)}
        return [found.get(place.id) for place in places]

    runs = outbox.walk_list(services.store, *listing.read_question(query), query.status)
    return listing.fill(query, runs, load, every=query.status is None and not (query.series or query.tags))


def _is_wanted_alert(row: Alert, query: Query) -> bool:
    total = row.spend.total if row.spend else None
    if row.spend is None or total is None or not total.group:
        return True
    return is_fixed(total.scope, row.spend.series.currency, query.series, query.tags)


def find_alert(services: Services, alert_id: str) -> Alert:
    """Return one alert; raise `NotFoundError`."""
    found = outbox.read(services.store, [alert_id])
    if not found:
        raise NotFoundError(f"There is no alert {alert_id[:80]!r}.")
    return found[0]


def today(services: Services) -> date:
    """Return the current date in UTC."""
    return datetime.fromtimestamp(services.clock() / 1000, tz=UTC).date()
