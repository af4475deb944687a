"""A page contains the matching rows, and shows correctly whether there is another page."""

from collections.abc import Sequence

import pytest

from kumo.domain.paging import Position
from kumo.engine.queries import listing
from kumo.engine.queries.views import Page, Query

PLACES = [Position(number, "x") for number in range(100)]


def fill(query: Query, wanted: Sequence[int], *, most: int = 1000) -> Page[int]:
    """Fill a page with numbers, of a list of a hundred."""
    places = PLACES if query.after is None else PLACES[query.after.time + 1 :]

    def load(some: Sequence[Position]) -> list[int | None]:
        return [place.time if place.time in wanted else None for place in some]

    return listing.fill(query, [places[:7], [], places[7:]], load, every=len(wanted) == len(PLACES), most=most)


@pytest.mark.parametrize("every", [range(100), range(0, 100, 3)])
def test_pages_follow_on_each_other_to_the_end(every: Sequence[int]) -> None:
    found: list[int] = []
    query = Query(limit=10)
    while True:
        page = fill(query, every)
        found += page.rows
        if page.next is None:
            break
        assert len(page.rows) == 10
        query = Query(limit=10, after=page.next)
    assert found == list(every)


def test_there_is_no_next_where_no_other_row_is_wanted() -> None:
    assert fill(Query(limit=2), [3, 60]).next is None
    assert fill(Query(limit=2), [3, 60, 99]).next is not None
    assert fill(Query(limit=100), range(100)).next is None


def test_a_page_that_looked_at_many_rows_goes_on_behind_them() -> None:
    page = fill(Query(limit=2), [3, 60], most=50)
    assert (page.rows, page.next) == ([3], PLACES[49])
    assert fill(Query(limit=2, after=page.next), [3, 60], most=50) == Page([60])


def test_what_is_left_to_skip_goes_with_the_next_link() -> None:
    page = fill(Query(limit=2, skip=2), [3, 60, 70], most=50)
    assert (page.rows, page.skip) == ([], 1)
    assert fill(Query(limit=2, after=page.next, skip=page.skip), [3, 60, 70]) == Page([70])
    assert fill(Query(limit=3, skip=5), range(100)).rows == [5, 6, 7]
    assert fill(Query(limit=3, skip=200), range(100)) == Page([])
