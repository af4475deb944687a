import pytest

from kumo.domain.detectors.adaptive import season
from kumo.domain.detectors.adaptive.cadence import moment
from kumo.domain.detectors.adaptive.season import HOUR, LEVEL, WEEKDAY, Errors, Residuals, Season
from tests.domain.detectors.adaptive.folding import MONDAY


@pytest.mark.parametrize(
    ("errors", "best"),
    [
        (Errors(0.2, 0.2, 0.2), LEVEL),
        (Errors(0.2, 0.196, 0.3), LEVEL),  # two percent better is not enough
        (Errors(0.2, 0.1, 0.15), WEEKDAY),
        (Errors(0.2, 0.15, 0.1), HOUR),
    ],
)
def test_whichever_prediction_erred_least_is_used(errors: Errors, best: int) -> None:
    assert errors.best() == best


def test_an_offset_is_learned_in_a_few_visits() -> None:
    at, learned = moment(MONDAY), Season()
    for _ in range(7):
        learned = season.absorb(learned, at, season.residuals(learned, at, 1.0), Errors(0.1, 0.1, 0.1))
    assert learned.offsets[at.weekday] == pytest.approx(1.0, abs=0.1)
    assert learned.offsets[at.weekday + 1] == 0.0
    assert learned.visits[at.weekday] == 7


def test_an_outlier_moves_a_known_offset_by_little() -> None:
    at, learned = moment(MONDAY), Season((0.0,) * 55, bytes([7] * 55))
    learned = season.absorb(learned, at, Residuals(level=100.0, weekday=100.0, hour=100.0), Errors(0.1, 0.1, 0.1))
    assert learned.offsets[at.weekday] == pytest.approx(season.GAIN * season.CLIP * 0.12533)


def test_the_spread_has_a_floor() -> None:
    assert season.spread(0.0) == season.FLOOR
    assert season.spread(1.0) == season.MEAN_TO_SIGMA
