"""The scorer against figures of its forerunner, and that `adaptive` is worth having."""

from typing import Final

import pytest

from kumo.domain.detectors import DETECTORS
from tests.quality import others, series, table
from tests.quality.parts import PARTS, Part, without
from tests.quality.replay import alerts
from tests.quality.score import score

# The result of the suites' numpy scorer for an alert in row i of a series if (i² + length of its name) % 53 is 0.
EXPECTED: Final = {
    "precision": 0.02469879518072289,
    "recall": 0.1353135313531353,
    "f1": 0.04177279673968415,
    "false_a_month": 1.392328861369111,
    "alerts_per_shift": 2.581081081081081,
    "money": 0.13832855188885057,
}


def test_the_scorer_gives_the_same_figures_as_the_one_with_numpy() -> None:
    suite = series.load("build_1")
    found = score((one, [row for row in range(len(one.rows)) if not (row * row + len(one.name)) % 53]) for one in suite)
    assert {name: getattr(found, name) for name in EXPECTED} == pytest.approx(EXPECTED, rel=1e-12)
    assert (found.delay("daily"), found.delay("hourly"), found.delay("entries")) == (13.0, 12.0, None)
    assert (found.recall_of("spike"), found.recall_of("leak")) == pytest.approx((6 / 185, 18 / 44))
    assert table.row("build_1", "none", found)[2] == "0.02"


def test_adaptive_finds_more_with_far_fewer_false_alarms() -> None:
    suite = [one for one in series.load("build_1") if one.granularity == "daily"][:45]
    plain, adaptive = (score((one, alerts(one, make(3.0, 10))) for one in suite) for make in DETECTORS.values())
    assert adaptive.f1 > plain.f1 + 0.3
    assert adaptive.false_a_month < plain.false_a_month / 5


def test_other_series_are_the_same_for_the_same_seed() -> None:
    assert others.generate(3) == others.generate(3) != others.generate(4)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_that_is_off_is_on_again_after(part: Part) -> None:
    before = {name: getattr(part.module, name) for name in part.off}
    with without(part):
        assert {name: getattr(part.module, name) for name in part.off} == part.off != before
    assert {name: getattr(part.module, name) for name in part.off} == before
