"""The verdicts of the detector on whole series, as a table of sentences."""

import pytest

from kumo.domain.detectors.adaptive.detector import MOST_PARDONS, single
from kumo.domain.detectors.adaptive.state import NEW, pack, unpack
from kumo.domain.judging import Cause, Status, Verdict
from tests.domain.detectors.adaptive.folding import (
    DAY_MS,
    DETECTOR,
    HOUR_MS,
    MONDAY,
    UNIT,
    arrival,
    daily,
    fold,
    wavering,
)

USUAL = wavering(60)
WEEK = [amount * (0.4 if day % 7 >= 5 else 1.0) for day, amount in enumerate(wavering(70))]


def flagged(amounts: list[float]) -> list[int]:
    verdicts, _ = fold(daily(amounts))
    return [row for row, verdict in enumerate(verdicts) if verdict.status is Status.ANOMALY]


@pytest.mark.parametrize(
    ("amounts", "found"),
    [
        (USUAL, []),
        ([*USUAL, 200.0], [60]),  # a spike
        ([*USUAL, 20.0], []),  # a drop
        ([*USUAL, -50.0, 100.0], []),  # a credit
        ([*USUAL, 108.0], []),  # eight percent are nothing to look into
        ([*USUAL, 10.0, 185.0], []),  # a short day and its missing part
        (WEEK, []),  # weekends are not unusual, and neither are Mondays
        ([*WEEK, 250.0], [70]),
        ([0.0] * 40 + [50.0], [40]),  # the first cost of a series that was idle for a month
        ([0.0] * 20 + [50.0], []),
    ],
)
def test_what_is_flagged(amounts: list[float], found: list[int]) -> None:
    assert flagged(amounts) == found


LEAK = [amount * (1 + 0.02 * day) for day, amount in enumerate(wavering(30))]
HEAVY = [1.0, 1, 40, 2, 1, 9, 1, 1, 75, 1, 3, 1, 1, 100, 1, 2, 1, 30, 1, 1] * 3


@pytest.mark.parametrize(
    ("amounts", "cause"),
    [
        ([*USUAL, 200.0], Cause.THRESHOLD),
        ([*USUAL, *LEAK], Cause.DRIFT),
        ([*HEAVY, 301.0], Cause.NEW_HIGH),
        ([0.0] * 40 + [50.0], Cause.FIRST_COST),
    ],
)
def test_an_anomaly_has_a_cause_and_nothing_else_has(amounts: list[float], cause: Cause) -> None:
    verdicts, _ = fold(daily(amounts))
    assert all((verdict.cause is not None) == (verdict.status is Status.ANOMALY) for verdict in verdicts)
    assert cause in {verdict.cause for verdict in verdicts}
    assert first_flagged(verdicts).cause is cause


def first_flagged(verdicts: list[Verdict]) -> Verdict:
    return next(verdict for verdict in verdicts if verdict.status is Status.ANOMALY)


def test_a_level_shift_is_flagged_until_the_level_has_followed() -> None:
    found = flagged([*USUAL, *wavering(60, 200.0)])
    assert found == [60, 61, 62, 63, 64]


def test_a_leak_is_flagged_while_it_grows() -> None:
    assert min(flagged([*USUAL, *LEAK])) < 75


def test_a_fee_is_told_once_and_expected_the_next_month() -> None:
    amounts = [amount + (300.0 if day in {60, 91, 121} else 0.0) for day, amount in enumerate(wavering(130))]
    assert flagged(amounts) == [60]  # 1 March, 1 April and 1 May 2024


def test_the_first_1st_of_a_series_may_bring_a_fee() -> None:
    start, first = MONDAY + 10 * DAY_MS, 21  # from 11 January; 1 February is the first 1st
    days = wavering(60)
    days[first] += 300.0
    days[first + 29] += 300.0
    verdicts, _ = fold(daily(days, start))
    assert Status.ANOMALY not in {verdict.status for verdict in verdicts}
    days[first + 1] += 300.0
    verdicts, _ = fold(daily(days, start))
    assert [row for row, verdict in enumerate(verdicts) if verdict.status is Status.ANOMALY] == [first + 1]


def test_an_hourly_series_closes_an_episode_after_a_day() -> None:
    _, state = fold([(MONDAY + hour * HOUR_MS, 100 * UNIT) for hour in range(100)])
    assert DETECTOR.calm_to_close(state) == 24
    assert DETECTOR.calm_to_close(fold(daily(USUAL))[1]) == 3


def test_too_little_history_is_learning() -> None:
    verdicts, _ = fold(daily([*USUAL[:9], 5000.0]))
    assert {verdict.status for verdict in verdicts} == {Status.LEARNING}
    assert verdicts[-1].score is None


def test_a_restated_entry_is_judged_and_teaches_nothing() -> None:
    _, state = fold(daily(USUAL))
    verdict, after = DETECTOR.judge(arrival(MONDAY + 60 * DAY_MS, 300 * UNIT, seq=70, entry_seq=60), state)
    assert verdict.status is Status.ANOMALY
    assert after is state


def test_a_late_entry_does_not_turn_back_time() -> None:
    _, state = fold(daily(USUAL))
    _, after = DETECTOR.judge(arrival(MONDAY, 100 * UNIT), state)
    assert after.cadence.newest == state.cadence.newest
    assert (after.drift, after.run, after.fees, after.deficit) == (state.drift, state.run, state.fees, state.deficit)


def test_the_verdict_says_what_was_expected() -> None:
    _, state = fold(daily(USUAL))
    verdict, _ = DETECTOR.judge(arrival(MONDAY + 60 * DAY_MS, 300 * UNIT), state)
    assert verdict.mean == pytest.approx(100, rel=0.05)
    assert verdict.stddev == pytest.approx(4, rel=0.2)
    assert verdict.impact == pytest.approx(200 * UNIT, rel=0.05)
    assert "above the expected 100." in verdict.reason("USD")
    assert verdict.reason("USD").endswith("is above the threshold of 3.")


def test_the_explanation_holds_the_figures_of_the_verdict() -> None:
    _, state = fold(daily(WEEK))
    given = arrival(MONDAY + 70 * DAY_MS, 300 * UNIT)
    verdict, _ = DETECTOR.judge(given, state)
    told = DETECTOR.explain(given, state)
    assert (single(told.score), told.expected, told.season) == (verdict.score, verdict.mean, "weekend")
    assert told.level * told.season_factor == pytest.approx(told.expected)
    assert told.score == pytest.approx(3 * told.z / told.limit)


def test_what_is_forgiven_is_calmer_the_next_time() -> None:
    _, state = fold(daily(USUAL))
    high = arrival(MONDAY + 60 * DAY_MS, 130 * UNIT)
    verdict, after = DETECTOR.judge(high, state)
    assert verdict.status is Status.ANOMALY
    calmer = DETECTOR.forgive(high, after)
    again, _ = DETECTOR.judge(arrival(MONDAY + 63 * DAY_MS, 130 * UNIT), calmer)
    assert again.status is Status.NORMAL
    same_day, _ = DETECTOR.judge(arrival(MONDAY + 91 * DAY_MS, 130 * UNIT), calmer)
    assert same_day.score == 0.0
    far, _ = DETECTOR.judge(arrival(MONDAY + 63 * DAY_MS, 900 * UNIT), calmer)
    assert far.status is Status.ANOMALY


def test_there_is_nothing_to_forgive_in_a_new_series() -> None:
    assert DETECTOR.forgive(arrival(MONDAY, UNIT), NEW) is NEW


AFTER = daily([*wavering(20), 90, 140, 100, 0, 111], MONDAY + 61 * DAY_MS)


@pytest.mark.parametrize("between", [[], AFTER])
def test_what_is_taken_back_leaves_what_there_would_be_without_it(between: list[tuple[int, int]]) -> None:
    high = arrival(MONDAY + 60 * DAY_MS, 130 * UNIT)
    _, state = DETECTOR.judge(high, fold(daily(USUAL))[1])
    verdicts, calmer = fold(between, DETECTOR.forgive(high, state))
    without, natural = fold(between, state)
    assert (verdicts == without) is (not between)
    assert calmer != natural
    back = DETECTOR.take_back(high, unpack(pack(calmer)))
    assert back == natural
    assert DETECTOR.take_back(high, back) is back


def test_what_is_taken_back_leaves_what_was_said_of_others() -> None:
    first, second = (arrival(MONDAY + day * DAY_MS, 150 * UNIT, seq=day) for day in (60, 61))
    _, state = DETECTOR.judge(first, fold(daily(USUAL))[1])
    _, state = DETECTOR.judge(second, state)
    both = DETECTOR.forgive(second, DETECTOR.forgive(first, state))
    assert DETECTOR.take_back(first, both) == DETECTOR.forgive(second, state)
    assert DETECTOR.take_back(second, DETECTOR.take_back(first, both)) == state
    assert DETECTOR.take_back(arrival(MONDAY, UNIT), both) is both


def test_what_was_said_long_ago_stays_when_much_else_was_said() -> None:
    _, state = fold(daily(USUAL))
    entries = [arrival(MONDAY + (60 + seq) * DAY_MS, 200 * UNIT, seq=seq) for seq in range(MOST_PARDONS + 1)]
    for entry in entries:
        state = DETECTOR.forgive(entry, state)
    assert state.pardons is not None
    assert [pardon.entry_seq for pardon in state.pardons.given] == list(range(1, MOST_PARDONS + 1))
    assert DETECTOR.take_back(entries[0], state) is state
    assert len(pack(state)) <= 3072


def test_what_was_never_heard_of_is_an_anomaly_however_heavy_the_tail() -> None:
    _, state = fold(daily(HEAVY))
    when = MONDAY + len(HEAVY) * DAY_MS
    scores = [DETECTOR.judge(arrival(when, amount * UNIT), state)[0].score for amount in (100, 299, 301, 1000)]
    assert all(score is not None and score <= 3 for score in scores[:2])
    assert scores[2:] == [pytest.approx(3.01), pytest.approx(10.0)]
