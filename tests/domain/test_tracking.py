"""The life of an anomaly of totals: what a person hears of it, and that it follows from the totals alone."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.detectors import Detector
from kumo.domain.entries import DAY_MS
from kumo.domain.totals import folding
from kumo.domain.totals.amounts import entry_total
from kumo.domain.totals.episodes import Episode
from kumo.domain.worth import NotSent
from tests.domain.detectors.adaptive.folding import wavering
from tests.domain.totals.test_folding import DAYS, Story, histories
from tests.domain.totals.things import DETECTORS, FIRST, Thing
from tests.domain.totals.tracked import LONG, UNIT, Tracked, after_usual_days, name, restate

detectors = pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.name)


def test_a_spike_is_told_once_and_closes_after_calm_days() -> None:
    tracked = after_usual_days(200.0)
    (spike,) = tracked.anomalies.values()
    assert (spike.status, spike.periods, spike.opened_by) == (AnomalyStatus.OPEN, 1, spike.id)
    assert spike.impact == spike.excess == pytest.approx(100 * UNIT, rel=0.05)
    for day in (1, 2, 3):
        restate(tracked, day, 100.0)
        tracked.thing.move_on(FIRST + LONG + day + 1)
    (spike,) = tracked.rest().anomalies.values()
    assert spike.status is AnomalyStatus.CLOSED
    assert tracked.told() == [(name(0), "opened")]
    assert tracked.alerts[0].period == tracked.verdicts[FIRST + LONG]


def test_a_running_day_is_told_at_once_and_again_at_twice_the_excess() -> None:
    tracked = after_usual_days()
    for units in (60, 150, 180, 190, 220, 290, 350, 360):
        restate(tracked, 0, units)
    assert [kind for _, kind in tracked.told()] == ["opened", "worsened", "worsened"]
    assert [each.period and each.period.micros for each in tracked.alerts] == [150 * UNIT, 220 * UNIT, 350 * UNIT]
    assert len(tracked.anomalies) == 1


def test_a_shift_that_lasts_is_told_once_and_again_if_a_day_costs_twice_as_much_more() -> None:
    assert after_usual_days(150.0, 151.0, 149.0, 150.0).told() == [(name(0), "opened")]
    assert after_usual_days(150.0, 151.0, 205.0).told() == [(name(0), "opened"), (name(0), "worsened")]


@pytest.mark.parametrize("part", [300.0, 210.0, 180.0])
def test_how_much_of_a_day_had_come_when_it_was_sent_decides_nothing_on_later_days(part: float) -> None:
    tracked = after_usual_days(part)
    restate(tracked, 0, 300.0)
    sent = len(tracked.told())
    restate(tracked, 1, 330.0)
    assert len(tracked.told()) == sent
    restate(tracked, 1, 510.0)
    assert tracked.told()[sent:] == [(name(0), "worsened")]


def test_what_is_restated_below_the_limit_is_withdrawn_and_what_returns_is_told_again() -> None:
    tracked = after_usual_days(200.0)
    restate(tracked, 0, 100.0)
    (spike,) = tracked.anomalies.values()
    assert (spike.status, spike.periods, spike.excess, spike.told) == (AnomalyStatus.WITHDRAWN, 0, 0, False)
    assert spike.first_period == FIRST + LONG
    restate(tracked, 0, 210.0)
    assert tracked.told() == [(name(0), "opened"), (name(0), "withdrawn"), (name(0), "opened")]
    assert [each.anomaly.alerts for each in tracked.alerts] == [1, 2, 3]
    assert tracked.alerts[1].period is not None
    assert tracked.alerts[1].period.micros == 100 * UNIT


def test_a_day_without_entries_any_more_is_withdrawn_without_a_figure() -> None:
    tracked = after_usual_days(200.0)
    tracked.thing.change(FIRST + LONG, entry_total(200 * UNIT).negate())
    assert [each.period for each in tracked.rest().alerts[1:]] == [None]


def test_a_day_restated_a_hundred_times_sends_nothing_twice() -> None:
    tracked = after_usual_days(200.0)
    for turn in range(100):
        restate(tracked, 0, 195.0 + turn % 10)
    assert tracked.told() == [(name(0), "opened")]


def test_episodes_that_grow_together_and_part_again_send_nothing_more() -> None:
    tracked = after_usual_days(300.0, 100.0, 101.0, 99.0, 300.0)
    assert tracked.told() == [(name(0), "opened"), (name(4), "opened")]
    for _ in range(3):
        restate(tracked, 2, 320.0)
        first, second = tracked.anomalies[name(0)], tracked.anomalies[name(4)]
        assert (first.periods, second.status, second.part_of) == (3, AnomalyStatus.WITHDRAWN, first.id)
        restate(tracked, 2, 101.0)
        first, second = tracked.anomalies[name(0)], tracked.anomalies[name(4)]
        assert (first.periods, second.periods, second.part_of) == (1, 1, "")
    assert len(tracked.told()) == 2


def test_an_anomaly_is_known_if_a_part_of_it_was_sent() -> None:
    tracked = after_usual_days(200.0, 100.0, 101.0, 99.0, 300.0, find_reason=small)
    assert tracked.told() == [(name(4), "opened")]
    restate(tracked, 2, 150.0)
    first = tracked.anomalies[name(0)]
    assert (first.periods, first.told, first.not_sent, first.alerts) == (3, True, None, 0)
    assert tracked.told() == [(name(4), "opened")]
    for day in (0, 2, 4):
        restate(tracked, day, 100.0)
    assert tracked.told() == [(name(4), "opened"), (name(4), "withdrawn")]


def test_the_first_reason_for_no_alert_stays_when_an_anomaly_grows_old() -> None:
    tracked = after_usual_days(200.0, find_reason=small)
    tracked.oldest = FIRST + LONG + 2
    for day in (1, 2, 3):
        restate(tracked, day, 100.0)
        tracked.thing.move_on(FIRST + LONG + day + 1)
    tracked.rest()
    (spike,) = tracked.anomalies.values()
    assert (spike.status, spike.not_sent) == (AnomalyStatus.CLOSED, NotSent.BELOW_MINIMUM)
    restate(tracked, -10, 200.0)
    assert {each.not_sent for each in tracked.anomalies.values()} == {NotSent.BELOW_MINIMUM, NotSent.TOO_OLD}


def small(episode: Episode) -> NotSent | None:
    return NotSent.BELOW_MINIMUM if episode.impact < 150 * UNIT else None


def test_an_earlier_day_joins_an_anomaly_which_keeps_its_name_until_that_is_free() -> None:
    tracked = after_usual_days(100.0, 300.0, 100.0, 100.0, 100.0, 100.0)
    restate(tracked, 0, 300.0)
    (known,) = tracked.anomalies.values()
    assert (known.id, known.first_period, known.opened_at) == (name(1), FIRST + LONG, (FIRST + LONG + 1) * DAY_MS)
    restate(tracked, 1, 100.0)  # it has its first day alone now
    restate(tracked, 4, 310.0)  # another one
    restate(tracked, 1, 101.0)
    assert {each.id for each in tracked.anomalies.values()} == {name(1), name(4)}


def test_a_name_that_another_anomaly_has_is_not_given_twice() -> None:
    tracked = after_usual_days(100.0, 100.0, 100.0, 100.0, 300.0)
    for day, units in ((2, 300.0), (0, 300.0)):
        restate(tracked, day, units)
    (known,) = tracked.anomalies.values()
    assert (known.id, known.first_period) == (name(4), FIRST + LONG)
    restate(tracked, 2, 100.0)  # it keeps its first day; its last day is another one now
    assert {each.id: each.first_period for each in tracked.anomalies.values()} == {
        name(4): FIRST + LONG,
        name(4, turn=1): FIRST + LONG + 4,
    }


def test_reasons_are_kept_where_nothing_is_sent() -> None:
    tracked = after_usual_days(200.0, find_reason=lambda _: NotSent.WITHIN_BUDGET)
    (spike,) = tracked.anomalies.values()
    assert (tracked.alerts, spike.not_sent, spike.told, spike.alerts) == ([], NotSent.WITHIN_BUDGET, False, 0)
    tracked.find_reason = lambda _: None
    restate(tracked, 0, 201.0)
    assert tracked.told() == [(name(0), "opened")]
    assert tracked.anomalies[name(0)].not_sent is None


def test_the_past_is_listed_and_neither_sent_nor_withdrawn() -> None:
    tracked = after_usual_days(200.0, *wavering(8))
    tracked.oldest = FIRST + LONG + 5
    restate(tracked, 0, 100.0)
    restate(tracked, -9, 230.0)
    assert tracked.anomalies[name(0)].status is AnomalyStatus.WITHDRAWN
    assert tracked.anomalies[name(-9)].not_sent is NotSent.TOO_OLD
    assert tracked.told() == [(name(0), "opened")]


def test_what_turns_out_to_be_offset_is_corrected_once() -> None:
    tracked = after_usual_days(200.0)
    tracked.find_reason = lambda _: NotSent.OFFSET
    restate(tracked, 0, 201.0)
    restate(tracked, 0, 202.0)
    assert [kind for _, kind in tracked.told()] == ["opened", "withdrawn"]
    assert tracked.anomalies[name(0)].not_sent is NotSent.OFFSET
    assert tracked.anomalies[name(0)].status is AnomalyStatus.OPEN


@detectors
@given(history=histories(), data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_anomalies_follow_from_the_totals_alone_and_people_know_them(
    detector: Detector[Any], history: tuple[dict[int, int], Story], data: st.DataObject
) -> None:
    totals, story = history
    running = data.draw(st.integers(FIRST, FIRST + DAYS + 5), label="first running day")
    folds = data.draw(st.sets(st.integers(0, len(story))), label="folds")
    size = data.draw(st.sampled_from([1, 5, 256]), label="periods in a slice")
    tracked = Tracked(Thing(detector, data.draw(st.integers(FIRST, FIRST + DAYS), label="running at first")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "MOST_PERIODS", size)
        for turn, (day, change) in enumerate(story):
            tracked.thing.change(day, change)
            if turn in folds:
                tracked.fold_slice()
        tracked.thing.move_on(running)
        tracked.rest()
    once = Tracked(Thing(detector, running))
    for day in sorted(totals):
        once.thing.change(day, entry_total(totals[day]))
    assert tracked.shape() == once.rest().shape()
    assert_people_know(tracked)


def assert_people_know(tracked: Tracked) -> None:
    """Check that what was sent last about each anomaly is true, and that nothing was sent twice in a row."""
    names = [f"{each.anomaly.id}-{each.anomaly.alerts}" for each in tracked.alerts]
    assert len(names) == len(set(names))
    for anomaly in tracked.anomalies.values():
        told = [kind for name, kind in tracked.told() if name == anomaly.id and kind != "worsened"]
        assert all(one != other for one, other in pairwise(told))
        assert anomaly.told == (anomaly.status is not AnomalyStatus.WITHDRAWN or bool(anomaly.part_of))
