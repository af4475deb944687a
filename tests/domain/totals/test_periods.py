"""Periods, and when a series is judged by the hour."""

from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.entries import DAY_MS
from kumo.domain.totals.periods import Grain, Hourliness, number_period, parse_period, period_of

NOON = 1_769_860_800_000  # 31 January 2026, 12:00 UTC


@pytest.mark.parametrize(
    ("grain", "text", "length"),
    [(Grain.DAY, "2026-01-31", DAY_MS), (Grain.HOUR, "2026-01-31T12:00:00Z", 3_600_000)],
)
def test_a_period_is_written_by_its_start(grain: Grain, text: str, length: int) -> None:
    period = period_of(NOON + 59 * 60_000, grain)
    assert (period.text, period.end - period.start) == (text, length)


@given(st.integers(0, 4_102_444_800_000), st.sampled_from(Grain))
def test_a_period_holds_its_moments_and_is_read_as_it_is_written(timestamp: int, grain: Grain) -> None:
    period = period_of(timestamp, grain)
    assert period.start <= timestamp < period.end
    assert parse_period(period.text) == period == number_period(period.number, grain)
    assert period.day.start <= timestamp < period.day.end


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-01-31T09:30:00Z", "2026-01-31T24:00:00Z", "1969-12-31", "", 3, None]
)
def test_what_is_no_period_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_period(text)


def test_periods_are_in_order_of_time_and_a_day_before_its_hours() -> None:
    day, hour, later = period_of(NOON, Grain.DAY), period_of(NOON, Grain.HOUR), period_of(NOON + DAY_MS, Grain.DAY)
    assert sorted([later, hour, period_of(NOON, Grain.DAY)]) == [day, hour, later]


@pytest.mark.parametrize(
    ("days", "hourly"),
    [
        ([24] * 6, False),
        ([24] * 7, True),
        ([12] * 7, True),
        ([24] * 6 + [11] + [24] * 6, False),  # of the newest seven one has too few
        ([24] * 7 + [1, 1], True),
        ([24] * 7 + [1, 1, 24, 1, 1], True),  # not three in a row
        ([24] * 7 + [1, 1, 1], False),
        ([24] * 7 + [1, 1, 1] + [24] * 6, False),
        ([24] * 7 + [1, 1, 1] + [24] * 7, True),
    ],
)
def test_a_series_is_hourly_after_seven_days_and_until_three(days: list[int], *, hourly: bool) -> None:
    state = Hourliness()
    for hours in chain(repeat(3, 5), days):
        state = state.absorb(hours)
    assert state.hourly is hourly
