"""The figures of a replay."""

import pytest

from kumo.engine.backtest.trial import count_months, replay_history
from kumo.settings import Settings
from tests.engine.backtest.histories import UNIT, Cost, build_history, series_of, today, usual


def test_several_detectors_see_the_same_rows_and_do_not_touch_each_other() -> None:
    past = build_history([*usual(2), *today(2, 9.0)])
    both = [Settings(detector=name) for name in ("zscore", "adaptive")]
    trials = replay_history(past, both).trials
    alone = [replay_history(past, [one]).trials[0] for one in both]
    assert [trial.messages for trial in trials] == [one.messages for one in alone]
    assert [trial.alerts for trial in trials] != [0, 0]


def test_a_verdict_is_kept_with_its_figures_or_without() -> None:
    past = build_history([*usual(1), *today(1, 9.0)])
    trial = replay_history(past, [Settings()]).trials[0]
    first, last = trial.read_outcome(0), trial.read_outcome(len(past) - 1)
    assert (first.status, first.z, first.score) == ("learning", None, None)
    assert (last.status, trial.alerted[-1]) == ("anomaly", 1)
    assert last.z is not None
    assert last.score is not None
    assert min(last.z, last.score) > 3


def test_labels_are_scored_by_the_rows_of_messages() -> None:
    past = build_history([*usual(1), *today(1, 9.0)])
    past.labels = bytearray([0] * (len(past) - 1) + [1])
    score = replay_history(past, [Settings()]).trials[0].score
    assert score is not None
    assert (score.events, score.hits, score.false_alarms) == (1, 1, 0)


def test_months_are_counted_in_whole_days_of_each_series() -> None:
    rows = (("daily", 0), ("daily", 364), ("daily", 100), ("late", 30), ("late", 20), ("single", 7))
    places = {"daily": 0, "late": 1, "single": 2}
    past = build_history(Cost(series_of(places[name]), day, UNIT) for name, day in rows)
    assert count_months(past) == pytest.approx((365 + 11 + 1) / 30.436875)
