import pytest

from kumo.domain.detectors.adaptive.drift import Drift, Sum
from kumo.domain.detectors.adaptive.level import NO_RUN, Run, gain, run_length, shift


@pytest.mark.parametrize(("per_day", "entries", "weight"), [(1, 0, 1.0), (1, 3, 0.25), (1, 900, 0.08), (24, 900, 0.02)])
def test_the_first_entries_make_a_mean_and_later_ones_a_moving_one(per_day: float, entries: int, weight: float) -> None:
    assert gain(per_day, entries) == weight


@pytest.mark.parametrize(("per_day", "entries"), [(1, 5), (8, 8), (24, 24), (1440, 24)])
def test_a_run_is_a_day_long_but_five_to_twenty_four(per_day: float, entries: int) -> None:
    assert run_length(per_day) == entries


def test_a_run_goes_on_on_one_side_only() -> None:
    run = NO_RUN.absorb(2.0, 0.2).absorb(3.0, 0.4)
    assert (run.length, run.mean) == (2, pytest.approx(0.3))
    assert run.absorb(-2.0, -0.2) == Run(-1, -0.2)
    assert run.absorb(0.1, 0.01) == NO_RUN


def test_a_run_or_a_lasting_drift_moves_the_level() -> None:
    assert shift(Drift(), Run(5, 2.5), 1.0, 8.0) == 0.5
    assert shift(Drift(), Run(-4, -2.0), 1.0, 8.0) == 0.0
    assert shift(Drift(up=Sum(9.0, 10, 3.0)), NO_RUN, 1.0, 8.0) == pytest.approx(0.3)
    assert shift(Drift(down=Sum(9.0, 9, -3.0)), NO_RUN, 1.0, 8.0) == 0.0
