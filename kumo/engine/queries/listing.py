"""Filling a page of any list, from the sorted positions of its rows and the rows themselves."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

from kumo.domain.categories import CATEGORIES, USAGE
from kumo.domain.entries import Series
from kumo.domain.judging import Status
from kumo.domain.names import is_same_name
from kumo.domain.paging import Position
from kumo.domain.parts import Labels
from kumo.domain.tagged import NotKnownError, ask_tags
from kumo.engine.queries.views import Page, Query
from kumo.errors import FieldError, InvalidQueryError
from kumo.store import feed, series, timeline
from kumo.store.client import Store
from kumo.store.timeline import Selection
from kumo.store.walk import Bounds

# Largest number of rows that a page reads. If few of them match, it may be short, but has a next page.
MOST_SCANNED: Final = 50_000
MOST_READ: Final = 2_000
# If more costs are pending, they are not rare: then all costs are read, not the feed.
FEW_WAITING: Final = 10_000

TWO_SPLITS: Final = (
    "must be only one tag: imported costs are split by several tags, and the overlap of their parts is unknown"
)

Row = TypeVar("Row")
Load = Callable[[Sequence[Position]], Sequence[Row | None]]


def fill(
    query: Query, runs: Iterable[Sequence[Position]], load: Load[Row], *, every: bool, most: int = MOST_SCANNED
) -> Page[Row]:
    """Return the requested page, and the position of the next one if there is more.

    `runs` are the sorted positions of rows after the last page; `load` reads some rows, None for one that does not
    match or is gone. `every`: all rows match, so skipped ones need not be read.
    """
    places = chain.from_iterable(runs)
    last, skip = query.after, query.skip
    if every:
        skip -= sum(1 for _ in islice(places, skip))
    rows: list[Row] = []
    for place, row in _load(islice(places, most), query.limit + 1, load):
        if row is not None and skip:
            skip -= 1
        elif row is not None:
            if len(rows) == query.limit:
                return Page(rows, last)
            rows.append(row)
        last = place
    return Page(rows, last, skip) if next(places, None) else Page(rows)


def _load(places: Iterator[Position], size: int, load: Load[Row]) -> Iterator[tuple[Position, Row | None]]:
    """Read rows in growing chunks: if few match, many must be read."""
    while some := list(islice(places, size)):
        yield from zip(some, load(some), strict=True)
        size = min(MOST_READ, 2 * size)


def read_question(query: Query) -> tuple[Bounds, int]:
    """Return the bounds of a query, and the number of positions for a page on which every row matches.

    One more than the page has: it shows whether there is a next page.
    """
    bounds = Bounds(query.low, query.high, query.newest_first, query.after)
    return bounds, query.skip + query.limit + 1


def costs(store: Store, query: Query) -> Iterator[Sequence[Position]]:
    """Yield positions of costs that may have the wanted status and series; few others are among them."""
    bounds, wanted = read_question(query)
    status = Status(query.status) if query.status else None
    if status is Status.PENDING and sum(feed.backlog(store)) <= FEW_WAITING:
        found = feed.walk_pending(store, bounds, wanted)
        return _of_series(store, found, query.series) if query.series else found
    if status is Status.EXCLUDED:
        kinds = sorted(CATEGORIES - {USAGE})
        chosen = [Selection({**query.series, "charge_category": kind}) for kind in kinds]
    else:
        chosen = [Selection(query.series, None if status is Status.PENDING else status)]
    return timeline.read(store, chosen, bounds, wanted)


def _of_series(
    store: Store, runs: Iterable[Sequence[Position]], filters: Mapping[str, str]
) -> Iterator[Sequence[Position]]:
    """Leave out the entries of other series."""
    for run in runs:
        known = matching(store, [place.id.partition("-")[0] for place in run], filters)
        yield [place for place in run if place.id.partition("-")[0] in known]


def after(ids: Iterable[Position], query: Query) -> list[Position]:
    """Return positions in the requested order, after the last page."""
    within = (place for place in ids if query.low <= place.time <= query.high)
    ordered = sorted(within, reverse=query.newest_first)
    if query.after is None:
        return ordered
    last = query.after
    return [place for place in ordered if (place < last if query.newest_first else place > last)]


def tag_filter(wanted: Mapping[str, str]) -> Callable[[Labels], bool]:
    """Return a function that checks whether an entry, or a part of it, has the wanted tag values.

    It raises `InvalidQueryError` for an entry for which this is unknown.
    """
    tagged = ask_tags(wanted)

    def has(labels: Labels) -> bool:
        try:
            return not wanted or bool(tagged.pieces(labels, 0))
        except NotKnownError:
            raise two_splits() from None

    return has


def two_splits() -> InvalidQueryError:
    """Return the refusal of a query about two tags whose overlap is unknown."""
    return InvalidQueryError([FieldError("tag", TWO_SPLITS)])


def matching(store: Store, ids: Sequence[str], filters: Mapping[str, str]) -> dict[str, Series]:
    """Return the current or former series by id, if their fields have the wanted values, in any spelling.

    An empty id means no series, which has no fields.
    """
    known = series.identities(store, [series_id for series_id in ids if series_id]) | {"": Series("", "")}
    return {
        series_id: one
        for series_id, one in known.items()
        if all(is_same_name(getattr(one, name), value) for name, value in filters.items())
    }
