"""Which anomalies are worth an alert: by money, and by rarity among all judged ones."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.denominations import DENOMINATIONS, scale_units
from kumo.domain.money import CURRENCIES, SCALE
from kumo.domain.worth import (
    AlertLimits,
    Candidate,
    Fleet,
    NotSent,
    choose_reason,
    find_reason,
    limits_of,
    weigh,
)
from tests.domain import fleets

LIMITS = AlertLimits()
CANDIDATE = Candidate(currency="USD", impact=10 * SCALE, usual_day=1000 * SCALE, chance=1e-6, weight=0.01)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"impact": SCALE}, None),
        ({"impact": SCALE - 1}, NotSent.BELOW_MINIMUM),
        ({"usual_day": 10_001 * SCALE}, NotSent.BELOW_MINIMUM),  # a tenth of a percent of it is more than ten
        ({"usual_day": None}, None),
        ({"currency": "JPY"}, NotSent.BELOW_MINIMUM),  # ten yen
        ({"currency": "JPY", "impact": 100 * SCALE}, None),
        ({"impact": 1, "policy_allows": True}, None),
        ({"impact": 10**12, "policy_allows": False}, NotSent.BELOW_MINIMUM),
        ({"chance": 0.01 * 4 / 30}, None),
        ({"chance": 0.0014}, NotSent.WITHIN_BUDGET),
        ({"chance": 0.0014, "weight": 0.02}, None),  # larger sums alert earlier
        ({"chance": 0.5, "free": True}, None),
        ({"chance": None}, None),  # a detector without a tail
    ],
)
def test_an_anomaly_is_worth_an_alert_or_why_not(changes: dict[str, object], reason: NotSent | None) -> None:
    assert find_reason(replace(CANDIDATE, **changes), LIMITS) is reason


def test_zscore_has_no_budget_and_no_minimum_unless_one_is_set() -> None:
    rare = replace(CANDIDATE, impact=1, chance=0.5)
    assert find_reason(rare, limits_of("zscore", None, None, 4.0)) is None
    assert find_reason(rare, limits_of("zscore", 1.0, None, 4.0)) is NotSent.BELOW_MINIMUM
    assert limits_of("adaptive", None, None, 4.0) == LIMITS
    assert find_reason(replace(rare, impact=10**9), limits_of("adaptive", None, None, 0.0)) is None


def test_one_reason_is_named_of_several() -> None:
    assert choose_reason([NotSent.OFF, NotSent.OFFSET, NotSent.NO_DESTINATION]) is NotSent.OFFSET
    assert choose_reason([]) is None
    assert [reason.value for reason in NotSent][:3] == ["too_old", "below_minimum", "within_budget"]


@given(st.lists(st.lists(st.integers(-(10**12), 10**12), min_size=1), min_size=1))
def test_weights_sum_up_to_one_over_all_currencies(currencies: list[list[int]]) -> None:
    things = sum(map(len, currencies))
    whole = 0.0
    for totals in currencies:
        fleet = Fleet(things, len(totals), sum(map(abs, totals)))
        weights = [weigh(fleet, micros) for micros in totals]
        assert min(weights) >= 0.5 / things
        # The share of a currency without spend is not given to others.
        whole += sum(weights) if fleet.spend else 2 * sum(weights)
    assert whole == pytest.approx(1.0)


def test_half_of_the_weight_goes_by_spend() -> None:
    fleet = Fleet(things=1000, of_currency=1000, spend=10**12)
    assert weigh(fleet, 10**11) == pytest.approx(0.0005 + 0.05)
    assert weigh(fleet, -(10**11)) == weigh(fleet, 10**11)
    assert weigh(fleet, 0) == 0.0005
    assert weigh(Fleet(0, 0, 0), 5) == 1.0


def test_units_of_small_denomination_are_scaled() -> None:
    assert [scale_units(1.5, code) for code in ("USD", "JPY", "KRW", "IDR")] == [
        1_500_000,
        150 * SCALE,
        1_500 * SCALE,
        15_000 * SCALE,
    ]
    assert set(DENOMINATIONS) <= CURRENCIES


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_healthy_fleet_stays_within_its_budget(seed: int) -> None:
    rng, days = random.Random(seed), 210
    series = [fleets.spend(fleets.draw_habit(rng), days, rng) for _ in range(120)]
    judged = [fleets.judge(each) for each in fleets.add_groups(series, rng)]
    budget = LIMITS.false_alerts * days / 30
    free = AlertLimits(min_impact=0, min_share=0)
    sent = len(fleets.find_alerts(judged, free))
    assert sent <= budget + 2 * math.sqrt(budget)
    everything = AlertLimits(min_impact=0, min_share=0, false_alerts=0)
    assert len(fleets.find_alerts(judged, everything)) > 2 * sent  # it is the budget that helps


@pytest.mark.parametrize("noise", [0.03, 0.05, 0.08])
@pytest.mark.parametrize("day", range(100, 107))
def test_a_series_with_a_tenth_of_the_spend_that_doubles_is_told_on_its_first_day(noise: float, day: int) -> None:
    rng = random.Random(day)
    habit = fleets.Habit(size=100.0, noise=noise, weekend=0.5, growth=0.001, fee=0.0, late=0.0)
    days = fleets.spend(habit, day + 1, rng)
    days[day] += days[day - 7]
    period = fleets.judge(days)[-1]
    # A thousand series and three hundred groups, of which nine hold each series.
    fleet = Fleet(1300, 1300, 10 * 10 * days[day - 1])
    weight = weigh(fleet, days[day - 1])
    assert period.status == "anomaly"
    candidate = replace(CANDIDATE, impact=period.micros - period.usual, chance=period.chance, weight=weight)
    assert find_reason(candidate, LIMITS) is None
