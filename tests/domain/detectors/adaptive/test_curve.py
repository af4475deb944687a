import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.detectors.adaptive.curve import bend, clamp, exp, ln, unbend

ratios = st.floats(-1e19, 1e19)


@given(ratios)
def test_bend_is_asinh(ratio: float) -> None:
    assert bend(ratio) == pytest.approx(math.asinh(ratio), rel=1e-9, abs=1e-9)


@given(ratios)
def test_unbend_undoes_it(ratio: float) -> None:
    assert unbend(bend(ratio)) == pytest.approx(ratio, rel=1e-9, abs=1e-9)


@given(st.floats(1e-12, 1e38))
def test_ln_is_the_logarithm(value: float) -> None:
    assert ln(value) == pytest.approx(math.log(value), rel=1e-11, abs=1e-11)


@given(st.floats(-100, 100))
def test_exp_is_the_power_of_e(value: float) -> None:
    assert exp(value) == pytest.approx(math.exp(value), rel=1e-8)


def test_what_is_off_the_curve_is_brought_back() -> None:
    assert math.isfinite(unbend(1e300))
    assert clamp(7.0, 3.0) == 3.0
    assert clamp(-7.0, 3.0) == -3.0
    assert clamp(2.0, 3.0) == 2.0
