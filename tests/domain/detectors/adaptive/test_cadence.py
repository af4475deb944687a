from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.detectors.adaptive.cadence import DAY_MS, HOUR_MS, Cadence, moment
from tests.domain.detectors.adaptive.folding import MONDAY


@given(st.integers(0, 4_102_444_800_000))
def test_a_moment_has_the_weekday_hour_and_day_of_the_calendar(timestamp: int) -> None:
    at = datetime.fromtimestamp(timestamp / 1000, UTC)
    found = moment(timestamp)
    assert (found.weekday, found.of_month + 1) == (at.weekday(), at.day)
    assert found.hour == 7 + at.hour + (24 if at.weekday() >= 5 else 0)


@pytest.mark.parametrize(
    ("gap", "per_day"), [(DAY_MS, 1.0), (HOUR_MS, 24.0), (7 * DAY_MS, 1.0), (0, 1.0), (DAY_MS // 30, 30.0), (1, 1440.0)]
)
def test_the_cadence_is_seen_from_the_timestamps(gap: int, per_day: float) -> None:
    cadence = Cadence()
    for number in range(200):
        cadence = cadence.absorb(MONDAY + number * gap)
    assert cadence.pace.per_day == pytest.approx(per_day, rel=1e-6)


def test_a_late_entry_and_a_long_pause_hardly_change_it() -> None:
    cadence = Cadence()
    for number in range(200):
        cadence = cadence.absorb(MONDAY + number * HOUR_MS)
    late = cadence.absorb(MONDAY)
    assert (late.newest, late.gap) == (cadence.newest, cadence.gap)
    assert cadence.absorb(cadence.newest + 300 * DAY_MS).pace.per_day > 12
