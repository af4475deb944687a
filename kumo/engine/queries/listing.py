"""Filling a page of any list: from the places of its rows in order, and the rows that stand there."""

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

# A page looks at this many rows at most. Where fewer of them are wanted it may be short, but has a next.
MOST_SCANNED: Final = 50_000
MOST_READ: Final = 2_000
# Where more costs wait to be judged, these are not rare: then they are found among all, not by going through the feed.
FEW_WAITING: Final = 10_000

TWO_SPLITS: Final = (
    "must be one tag at once where imported costs are split by several: nobody knows which of their parts meet"
)

Row = TypeVar("Row")
Load = Callable[[Sequence[Position]], Sequence[Row | None]]


def fill(
    query: Query, runs: Iterable[Sequence[Position]], load: Load[Row], *, every: bool, most: int = MOST_SCANNED
) -> Page[Row]:
    """Return the page of what is asked for, and where the next begins if there is more.

    `runs` are the places of rows in order, from after the last page on; `load` reads the rows of some, None for one
    that is not wanted, or gone. `every` says that all are wanted: then those to be left out need not be read.
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
    """Read rows, ever more at a time: where few are wanted, many have to be looked at."""
    while some := list(islice(places, size)):
        yield from zip(some, load(some), strict=True)
        size = min(MOST_READ, 2 * size)


def read_question(query: Query) -> tuple[Bounds, int]:
    """Return what of a list is asked for, and how many places of it make a page where every row is wanted.

    One more than the page has: it tells whether there is a next.
    """
    bounds = Bounds(query.low, query.high, query.newest_first, query.after)
    return bounds, query.skip + query.limit + 1


def costs(store: Store, query: Query) -> Iterator[Sequence[Position]]:
    """Yield where costs stand that may be of the status and the series asked for: few others are among them."""
    bounds, wanted = read_question(query)
    status = Status(query.status) if query.status else None
    if status is Status.PENDING and sum(feed.backlog(store)) <= FEW_WAITING:
        found = feed.waiting(store, bounds, wanted)
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
    """Return places in the order asked for, from after the last page on."""
    within = (place for place in ids if query.low <= place.time <= query.high)
    ordered = sorted(within, reverse=query.newest_first)
    if query.after is None:
        return ordered
    last = query.after
    return [place for place in ordered if (place < last if query.newest_first else place > last)]


def tag_filter(wanted: Mapping[str, str]) -> Callable[[Labels], bool]:
    """Return a function that tells whether an entry, or a part of it, has the values of tags that are asked for.

    It raises `InvalidQueryError` for an entry of which that is not known.
    """
    tagged = ask_tags(wanted)

    def has(labels: Labels) -> bool:
        try:
            return not wanted or bool(tagged.pieces(labels, 0))
        except NotKnownError:
            raise two_splits() from None

    return has


def two_splits() -> InvalidQueryError:
    """Return the refusal of a question about two tags that nobody can answer."""
    return InvalidQueryError([FieldError("tag", TWO_SPLITS)])


def matching(store: Store, ids: Sequence[str], filters: Mapping[str, str]) -> dict[str, Series]:
    """Return what series are, or were, by id: those whose fields have the values asked for, in any spelling.

    An empty id is that of no series, which has no fields.
    """
    known = series.identities(store, [series_id for series_id in ids if series_id]) | {"": Series("", "")}
    return {
        series_id: one
        for series_id, one in known.items()
        if all(is_same_name(getattr(one, name), value) for name, value in filters.items())
    }
