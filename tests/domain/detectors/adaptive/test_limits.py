"""The limit shows in advance which amounts are anomalies."""

import random
from dataclasses import replace

import pytest

from kumo.domain.detectors import build
from kumo.domain.detectors.adaptive.state import NEW, State
from kumo.domain.expectation import NOTHING_EXPECTED_YET
from kumo.domain.judging import Status
from tests.domain.detectors.adaptive.folding import DAY_MS, DETECTOR, MONDAY, UNIT, arrival, daily, fold, wavering

WEEK = [amount * (0.4 if day % 7 >= 5 else 1.0) for day, amount in enumerate(wavering(70))]
FEES = [amount + (300.0 if day in {31, 60, 91} else 0.0) for day, amount in enumerate(wavering(121))]
LEAK = [*wavering(60), *(amount * (1 + 0.018 * day) for day, amount in enumerate(wavering(14)))]
IDLE = [0.0 if day % 3 else 50.0 for day in range(60)]
CREDITS = [*wavering(40), -300.0, *wavering(20)]
rng = random.Random(1)
UNEVEN = [0.0 if day % 3 else 50.0 * rng.lognormvariate(0, 0.3) for day in range(90)]
HEAVY = [100 * rng.lognormvariate(0, 0.7) for _ in range(80)]


@pytest.mark.parametrize("threshold", [1.5, 3.0, 6.0])
@pytest.mark.parametrize(
    "amounts",
    [wavering(60), WEEK, FEES, LEAK, LEAK[:71], IDLE, UNEVEN, CREDITS, HEAVY, [*wavering(60), 10.0], [0.0] * 40],
    ids=["even", "week", "fees", "leaked", "leak", "idle", "uneven", "credits", "heavy", "late cost", "nothing"],
)
def test_an_amount_is_an_anomaly_if_it_is_above_the_limit(amounts: list[float], threshold: float) -> None:
    detector = build("adaptive", threshold, 10)
    _, state = fold(daily(amounts))
    for ahead in range(8):  # on each weekday, and on the first of a month
        time = MONDAY + (len(amounts) + ahead) * DAY_MS
        limit = detector.expect(arrival(time, 0), state).limit
        if limit is None:
            assert detector.judge(arrival(time, 10**15), state)[0].status is Status.NORMAL
            continue
        slack = max(abs(limit) // 10**6, 2)
        below, _ = detector.judge(arrival(time, limit - slack), state)
        above, _ = detector.judge(arrival(time, limit + slack), state)
        assert (below.status, above.status) == (Status.NORMAL, Status.ANOMALY)


def test_nothing_is_expected_while_learning() -> None:
    for amounts in ([], wavering(9), [0.0] * 29):
        _, state = fold(daily(amounts))
        assert DETECTOR.expect(arrival(MONDAY + 30 * DAY_MS, 0), state) == NOTHING_EXPECTED_YET


def test_the_first_1st_of_a_series_has_no_limit() -> None:
    _, state = fold(daily(wavering(20), MONDAY + 11 * DAY_MS))  # 12 to 31 January
    first = DETECTOR.expect(arrival(MONDAY + 31 * DAY_MS, 0), state)
    assert first.limit is None
    assert first.usual == pytest.approx(100 * UNIT, rel=0.05)


def test_a_fee_is_usual_on_its_day() -> None:
    _, state = fold(daily(FEES))
    due = DETECTOR.expect(arrival(MONDAY + 121 * DAY_MS, 0), state)  # 1 May
    other = DETECTOR.expect(arrival(MONDAY + 122 * DAY_MS, 0), state)
    assert (due.usual, other.usual) == (pytest.approx(415 * UNIT, rel=0.05), pytest.approx(100 * UNIT, rel=0.05))


def test_an_excuse_is_as_calm_as_forgiveness_and_smaller() -> None:
    _, state = fold(daily([*wavering(60), 150.0]))
    entry = arrival(MONDAY + 60 * DAY_MS, 150 * UNIT)
    excused, forgiven = DETECTOR.excuse(entry, state), DETECTOR.forgive(entry, state)
    assert excused == forgiven._replace(pardons=None)
    assert excused != state
    assert DETECTOR.excuse(replace(entry, amount=90 * UNIT), state) == state


def chance_of(amount: float, state: State, day: int = 60) -> float | None:
    return DETECTOR.chance(arrival(MONDAY + day * DAY_MS, round(amount * UNIT)), state)


def test_the_higher_an_amount_the_smaller_its_chance() -> None:
    _, state = fold(daily(wavering(60)))
    chances = [chance_of(amount, state) for amount in (100, 115, 130, 160, 300)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == 1.0
    assert chances[1] < 0.02
    assert chances[-1] < 1e-6


def test_what_scores_three_is_about_as_rare_as_three_sigma() -> None:
    _, state = fold(daily(wavering(200)))
    day = MONDAY + 200 * DAY_MS
    limit = DETECTOR.expect(arrival(day, 0), state).limit
    assert 0.0003 < DETECTOR.chance(arrival(day, limit), state) < 0.006


def test_a_chance_is_larger_where_few_entries_are_known() -> None:
    _, state = fold(daily(wavering(60)))
    few, many = (chance_of(125, state._replace(active=active)) for active in (12, 1200))
    assert few > 2 * many


def test_a_chance_is_that_of_the_rarest_test() -> None:
    verdicts, _ = fold(daily(LEAK))
    first = next(row for row, verdict in enumerate(verdicts) if verdict.status is Status.ANOMALY)
    leaking, even = fold(daily(LEAK[:first]))[1], fold(daily(wavering(60)))[1]
    assert chance_of(LEAK[first], leaking, first) < 0.1 * chance_of(LEAK[first], even)  # alone it is not so rare
    heavy = fold(daily(HEAVY))[1]
    assert chance_of(20 * max(HEAVY), heavy, 80) < 0.001 < chance_of(2 * max(HEAVY), heavy, 80)


def test_a_first_cost_is_rarer_the_longer_there_was_none() -> None:
    month, year = (fold(daily([0.0] * days))[1] for days in (40, 400))
    assert chance_of(5, month, 40) == pytest.approx(1 / 42)
    assert chance_of(5, year, 400) == pytest.approx(1 / 402)


def test_there_is_no_chance_while_learning() -> None:
    assert chance_of(500, fold(daily(wavering(5)))[1], 5) is None
    assert chance_of(500, NEW, 0) is None
    assert build("zscore", 3.0, 10).chance(arrival(MONDAY, UNIT), None) is None
