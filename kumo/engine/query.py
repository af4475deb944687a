"""Reading: costs, daily totals, series, anomalies and alerts."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final, TypeVar

from kumo.domain.alerts import Alert
from kumo.domain.entries import Series, is_series_id, parse_entry_id
from kumo.engine import listing
from kumo.engine.views import AnomalyState, Cost, DailyTotal, Page, Query, SeriesState
from kumo.errors import FieldError, InvalidQueryError, NotFoundError
from kumo.services import Services
from kumo.store import anomalies as store_anomalies
from kumo.store import entries as store_entries
from kumo.store import feedback as store_feedback
from kumo.store import outbox
from kumo.store import revision as store_revision
from kumo.store import series as store_series
from kumo.store.entries import Place

# A listing that filters by status looks at this many rows a page at most; the page may then be short, but has a next.
SCAN_LIMIT: Final = 20_000
SCAN_STEP: Final = 500

Row = TypeVar("Row")
Stamped = tuple[int, str]


def revision(services: Services) -> str:
    """Return a text that is another one after each arrival and each commit, each pass of the retention and each day.

    While it is the same, entries, verdicts, series and anomalies are. What the retention removes within one pass, which
    takes seconds at most, may show until the next.
    """
    return f"{store_revision.read(services.store)} {today(services)}"


def costs(services: Services, query: Query) -> Page[Cost]:
    """Return a page of entries with their verdicts."""
    rows: list[Cost] = []
    last: Place | None = None
    scanned = skipped = 0
    # Without a status every row is wanted, and those to be left out need not be read.
    unread = 0 if query.status else query.skip
    stream = islice(listing.places(services.store, query), unread, unread + SCAN_LIMIT)
    while chunk := list(islice(stream, SCAN_STEP if query.status else query.limit + 1)):
        for place, cost in zip(chunk, _costs(services, chunk), strict=True):
            if len(rows) == query.limit and last is not None:
                return Page(rows, listing.cursor(last))
            last = place
            if cost is None or query.status not in (None, cost.status):
                continue
            if query.status and skipped < query.skip:
                skipped += 1
            else:
                rows.append(cost)
        scanned += len(chunk)
    return Page(rows, listing.cursor(last) if scanned == SCAN_LIMIT and last is not None else None)


def cost(services: Services, cost_id: str) -> Cost:
    """Return one entry with its verdict; raises `NotFoundError`."""
    found = costs_by_id(services, [cost_id])
    if not found:
        raise NotFoundError(f"There is no cost {cost_id[:80]!r}.")
    return found[0]


def costs_by_id(services: Services, ids: Sequence[str]) -> list[Cost]:
    """Return entries with their verdicts, in order; unknown ones are left out."""
    wanted = [found for found in map(parse_entry_id, ids) if found]
    places = [place for place in store_entries.locate(services.store, wanted) if place]
    return [cost for cost in _costs(services, places) if cost is not None]


def _costs(services: Services, places: Sequence[Place]) -> list[Cost | None]:
    known = store_series.identities(services.store, [place.series_id for place in places])
    found = store_entries.read(services.store, known, places)
    return [Cost(place.id, place.series_id, *row) if row else None for place, row in zip(places, found, strict=True)]


def summary(services: Services, by: str, filters: Mapping[str, str], first: date, last: date) -> list[DailyTotal]:
    """Return the totals of each day from `first` to `last`, per currency and per what `by` names ("none": of all)."""
    ids = store_series.matching(services.store, filters)
    known = store_series.identities(services.store, ids)
    totals: dict[tuple[str, str], dict[int, tuple[int, int]]] = defaultdict(dict)
    for series_id, rows in store_series.daily(services.store, ids, _day(first), _day(last)):
        series = known[series_id]
        days = totals["" if by == "none" else str(getattr(series, by)), series.currency]
        for day, entries, micros in rows:
            count, amount = days.get(day, (0, 0))
            days[day] = count + entries, amount + micros
    found = sorted((day, *key, *total) for key, days in totals.items() for day, total in days.items())
    return [
        DailyTotal(store_series.date_of(day), name, currency, amount, count)
        for day, name, currency, count, amount in found
    ]


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def series(services: Services, query: Query) -> Page[SeriesState]:
    """Return a page of series, ordered by id."""
    ids = store_series.matching(services.store, query.series)
    if query.cursor:
        ids = [series_id for series_id in ids if series_id > str(query.cursor)]
    page = ids[query.skip : query.skip + query.limit]
    more = len(ids) > query.skip + query.limit
    return Page(_series(services, page), page[-1] if more and page else None)


def one_series(services: Services, series_id: str) -> SeriesState:
    """Return one series; raises `NotFoundError`."""
    found = _series(services, [series_id]) if is_series_id(series_id) else []
    if not found:
        raise NotFoundError(f"There is no series {series_id[:80]!r}.")
    return found[0]


def _series(services: Services, ids: Sequence[str]) -> list[SeriesState]:
    known = store_series.identities(services.store, ids)
    ids = [series_id for series_id in ids if series_id in known]
    windows = store_series.windows(services.store, ids)
    return [
        SeriesState(series_id, known[series_id], *window[:3]) for series_id, window in zip(ids, windows, strict=True)
    ]


def anomalies(services: Services, query: Query) -> Page[AnomalyState]:
    """Return a page of anomalies, the one that began last first."""

    def fetch(low: int, high: int, limit: int) -> list[tuple[Stamped, AnomalyState]]:
        ids = [anomaly for _, anomaly in store_anomalies.ids(services.store, low, high, limit)]
        found = list(store_anomalies.read(services.store, ids))
        known = store_series.identities(services.store, [row.series_id for row in found])
        said = store_feedback.read(services.store, [row.id for row in found])
        return [
            ((row.first_seen, row.id), AnomalyState(row, known[row.series_id], word))
            for row, word in zip(found, said, strict=True)
        ]

    def keep(row: AnomalyState) -> bool:
        return query.status in (None, row.anomaly.phase) and _matches(row.series, query)

    return _scan(query, fetch, keep)


def anomaly(services: Services, anomaly_id: str) -> AnomalyState:
    """Return one anomaly; raises `NotFoundError`."""
    place = parse_entry_id(anomaly_id)
    found = store_anomalies.find(services.store, place[0], anomaly_id) if place else None
    if found is None:
        raise NotFoundError(f"There is no anomaly {anomaly_id[:80]!r}.")
    [said] = store_feedback.read(services.store, [anomaly_id])
    return AnomalyState(found, store_series.identities(services.store, [found.series_id])[found.series_id], said)


def alerts(services: Services, query: Query) -> Page[Alert]:
    """Return a page of alerts, the one raised last first."""

    def fetch(low: int, high: int, limit: int) -> list[tuple[Stamped, Alert]]:
        found = outbox.newest(services.store, low, high, limit)
        rows = outbox.read(services.store, [(alert, partition) for _, alert, partition in found])
        return [((row.created_at, row.id), row) for row in rows]

    def keep(row: Alert) -> bool:
        return query.status in (None, row.state) and _matches(row, query)

    return _scan(query, fetch, keep)


def alert(services: Services, alert_id: str) -> Alert:
    """Return one alert; raises `NotFoundError`."""
    found = outbox.read(services.store, [(alert_id, outbox.partition_of(services.store, alert_id))])
    if not found:
        raise NotFoundError(f"There is no alert {alert_id[:80]!r}.")
    return found[0]


def _matches(row: Series | Alert, query: Query) -> bool:
    return all(getattr(row, name) == value for name, value in query.series.items())


def _scan(
    query: Query,
    fetch: Callable[[int, int, int], list[tuple[Stamped, Row]]],
    keep: Callable[[Row], bool],
) -> Page[Row]:
    """Page through rows that are stamped (time in ms, id) and come newest first, keeping those wanted."""
    rows: list[Row] = []
    last: Stamped | None = None
    skipped = 0
    for scanned, (stamp, row) in enumerate(_stream(query, fetch)):
        if last is not None and (len(rows) == query.limit or scanned == SCAN_LIMIT):
            return Page(rows, f"{last[0]}-{last[1]}")
        last = stamp
        if keep(row):
            if skipped < query.skip:
                skipped += 1
            else:
                rows.append(row)
    return Page(rows)


def _stream(query: Query, fetch: Callable[[int, int, int], list[tuple[Stamped, Row]]]) -> Iterator[tuple[Stamped, Row]]:
    """Yield rows below the cursor, reading further down as they are used up."""
    after = _stamp(query.cursor) if query.cursor else None
    high = min(query.high, after[0]) if after else query.high
    limit = SCAN_STEP
    while True:
        found = fetch(query.low, high, limit)
        fresh = [(stamp, row) for stamp, row in found if after is None or stamp < after]
        yield from fresh
        if len(found) < limit:
            return
        # Where a whole step shares one time, only a larger one gets past it.
        limit = limit if fresh and found[-1][0][0] < high else 2 * limit
        after, high = min(stamp for stamp, _ in found), found[-1][0][0]


def _stamp(text: str) -> Stamped:
    stamp, _, row_id = text.partition("-")
    if not (row_id and stamp.isascii() and stamp.isdigit()) or len(stamp) > 16:  # noqa: PLR2004 - ms below 2⁵³
        raise InvalidQueryError([FieldError("cursor", "is not one that a page's next link held")])
    return int(stamp), row_id


def today(services: Services) -> date:
    """Return the current date in UTC."""
    return datetime.fromtimestamp(services.clock() / 1000, tz=UTC).date()
