"""Alerts compared with labels, one series a row of letters: `.` nothing, `e` labelled, `a` alert, `E` both."""

import pytest

from kumo.domain.entries import DAY_MS
from kumo.domain.scoring import Score
from tests.quality import score as by_suite
from tests.quality import series

HOUR_MS = 3_600_000


def scored(*rows: str, step: int = DAY_MS) -> tuple[int, int, int]:
    score = Score()
    for number, row in enumerate(rows):
        for place, letter in enumerate(row):
            score.count(str(number), place * step, labelled=letter in "eE", alerted=letter in "aE")
    return score.events, score.hits, score.false_alarms


@pytest.mark.parametrize(
    ("why", "row", "expected"),
    [
        ("a run is one event", "..eee..", (1, 0, 0)),
        ("two runs are two", ".ee.e.", (2, 0, 0)),
        ("one alert inside hits, wherever it is", ".eeE.", (1, 1, 0)),
        ("a second alert inside counts for nothing", ".EEE.", (1, 1, 0)),
        ("the next run has to be hit for itself", ".EE.ee.", (2, 1, 0)),
        ("an alert before it is a false alarm", ".aee.", (1, 0, 1)),
        ("so is one after it", ".eea.", (1, 0, 1)),
        ("a run may begin the series and end it", "E..E", (2, 2, 0)),
    ],
)
def test_alerts_are_scored_by_event(why: str, row: str, expected: tuple[int, int, int]) -> None:
    assert scored(row) == expected, why


def test_a_day_with_several_false_alarms_counts_as_one_also_where_it_comes_back_late() -> None:
    assert scored("a" * 48, step=HOUR_MS) == (0, 0, 2)
    score = Score()
    for day in (5, 6, 5):
        score.count("series", day * DAY_MS, labelled=False, alerted=True)
    assert score.false_alarms == 2


def test_series_do_not_mix() -> None:
    assert scored("E.", "e.", "a.") == (2, 1, 1)


def test_shares_are_unknown_where_there_is_nothing_to_share() -> None:
    assert (Score().precision, Score().recall) == (None, None)
    score = Score(events=4, hits=3, false_alarms=1)
    assert (score.precision, score.recall) == (0.75, 0.75)


def test_labels_over_what_the_suites_count_as_in_time_give_their_figures() -> None:
    suite = series.load("build_1")[:30]
    told = {one.name: list(range(one.probation + number, len(one.rows), 11)) for number, one in enumerate(suite)}
    score = Score()
    for one in suite:
        in_time = {row for event in one.events for row in range(event.start, event.credit_end + 1)}
        for row, (timestamp, _) in enumerate(one.rows):
            score.count(one.name, timestamp, labelled=row in in_time, alerted=row in told[one.name])
    expected = by_suite.score((one, told[one.name]) for one in suite)
    assert (score.events, score.hits) == (expected.events.total(), expected.hits.total())
    assert score.false_alarms == expected.false
    assert (score.precision, score.recall) == (expected.precision, expected.recall)
