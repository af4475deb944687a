import pytest

from kumo.domain.detectors.adaptive.deficit import KEPT, count_missing


@pytest.mark.parametrize(
    ("deficit", "amount", "z", "left"),
    [
        (0.0, 40.0, -5.0, 60.0),  # a short day: the rest may come
        (60.0, 100.0, 0.0, KEPT * 60.0),  # it did not come yet
        (0.0, 98.0, -1.5, 0.0),  # noise is not missing cost
        (0.0, -900.0, -9.0, 0.0),  # nor is a credit
        (290.0, 0.0, -9.0, 300.0),  # three days at most
    ],
)
def test_missing_cost_is_awaited(deficit: float, amount: float, z: float, left: float) -> None:
    assert count_missing(deficit, amount, 100.0, z) == left
