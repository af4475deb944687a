import random

import pytest

from kumo.domain.detectors.adaptive import tail
from kumo.domain.detectors.adaptive.curve import ln
from kumo.domain.detectors.adaptive.tail import Tail

MANY = 10**9


@pytest.mark.parametrize(("per_day", "limit"), [(1, 3.0), (24, 3.92), (288, 4.51)])
def test_with_normal_noise_the_limit_is_as_rare_a_day_at_any_cadence(per_day: int, limit: float) -> None:
    assert tail.limit(Tail(), ln(per_day), MANY) == pytest.approx(limit, abs=0.01)


def test_few_entries_widen_it_as_student_does() -> None:
    assert tail.limit(Tail(), 0.0, 10) == pytest.approx(3.0 * 1.35)


def test_a_heavy_tail_raises_it_and_a_light_one_does_not_lower_it() -> None:
    rng = random.Random(1)
    heavy, light = Tail(), Tail()
    for _ in range(3000):
        heavy = heavy.absorb(rng.expovariate(0.5))
        light = light.absorb(rng.uniform(-1.0, 1.0))
    assert tail.limit(heavy, 0.0, MANY) > 6.0
    assert tail.limit(light, 0.0, MANY) == pytest.approx(3.0)


def test_one_event_makes_no_series_deaf() -> None:
    assert tail.limit(Tail().absorb(1e6), 0.0, MANY) < 3.5
