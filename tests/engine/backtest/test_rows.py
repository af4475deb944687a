"""Rows of a history in order of arrival, and the series that they name."""

from kumo.domain.entries import DAY_MS, Series, is_series_id
from kumo.engine.backtest.rows import History
from tests.engine.backtest.histories import Cost, build_history, series_of


def list_places(costs: list[Cost]) -> list[int]:
    return [row.place for row in build_history(costs).list_arrivals()]


def test_series_that_follow_one_after_the_other_arrive_together() -> None:
    one, two = series_of(0), series_of(1)
    costs = [Cost(series, day, 1.0) for series in (one, two) for day in (3, 4, 5)]
    assert list_places(costs) == [0, 3, 1, 4, 2, 5]


def test_a_row_that_restates_a_day_arrives_after_the_rows_before_it() -> None:
    one, two = series_of(0), series_of(1)
    costs = [Cost(one, 3, 1.0), Cost(two, 3, 1.0), Cost(one, 4, 1.0), Cost(two, 4, 1.0), Cost(one, 3, 2.0)]
    assert list_places(costs) == [0, 1, 2, 3, 4]
    assert list_places([costs[0], costs[2], costs[4], costs[1], costs[3]]) == [0, 3, 1, 2, 4]


def test_a_series_has_an_id_of_its_own_for_each_text_and_names() -> None:
    history = History()
    one, two = Series("a", "USD"), Series("b", "USD")
    numbers = [history.number_series(*each) for each in (("x", one), ("x", two), ("y", one), ("x", one))]
    assert numbers == [0, 1, 2, 0]
    ids = [named.id for named in history.series]
    assert len(set(ids)) == 3
    assert all(map(is_series_id, ids))
    assert history.number_series(one.id, one) == 3
    assert history.series[3].id == one.id


def test_external_ids_are_those_of_their_rows() -> None:
    costs = [Cost(series_of(0), 3, 1.0), Cost(series_of(0), 4, 1.0, external_id="a"), Cost(series_of(0), 5, 1.0)]
    rows = list(build_history(costs).list_arrivals())
    assert [row.external_id for row in rows] == ["", "a", ""]
    assert [row.timestamp for row in rows] == [3 * DAY_MS, 4 * DAY_MS, 5 * DAY_MS]
