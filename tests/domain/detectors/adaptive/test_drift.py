import pytest

from kumo.domain.detectors.adaptive.drift import CLIP, HEIGHT, SLACK, Drift

LIMIT = HEIGHT
CALM = Drift()


def drifted(z: float, times: int, start: Drift = CALM) -> Drift:
    for _ in range(times):
        start = start.absorb(z, z / 10, 0.0, LIMIT)
    return start


def test_small_residuals_of_one_sign_add_up() -> None:
    found = drifted(1.5, 6)
    assert found.up.height == pytest.approx(6.0)
    assert found.up.mean == pytest.approx(0.15)
    assert found.down.height == 0.0
    assert not found.over
    assert drifted(1.5, 9).over


def test_noise_does_not() -> None:
    found = Drift()
    for z in [1.0, -1.0] * 100:
        found = found.absorb(z, z / 10, 0.0, LIMIT)
    assert found.up.height == 0.0


def test_a_spike_counts_for_no_more_than_three() -> None:
    assert drifted(1e9, 1).up.height == CLIP - SLACK


def test_the_limit_grows_with_the_climbs_that_were_normal_so_far() -> None:
    calm = Drift()
    for _ in range(60):
        calm = drifted(-3.0, 3, drifted(1.5, 6, calm))
    assert calm.limit(0.0) > 3 * HEIGHT


def test_what_was_told_begins_afresh_once_it_comes_down() -> None:
    told = drifted(3.0, 4)
    assert told.over
    down = told.absorb(-3.0, -0.3, 0.0, LIMIT)
    assert (down.over, down.up.height) == (False, 0.0)
