"""Feedback on anomalies of totals, of series and of groups, and their explanation."""

import pytest

from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.feedback import Word
from kumo.engine.detection import feedback
from kumo.engine.queries import explanation, lookup
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.engine.totals.rest import bring_to_rest
from tests.engine.totals.test_messages import OTHER, SERIES, TODAY, Scene

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4", KUMO_FALSE_ALERTS="0")
titles = pytest.mark.parametrize("title", ["EC2 in account prod", "account prod"])


def hear(scene: Scene, day: int, units: float) -> None:
    """Spend so much on a day in each of the two series of the account."""
    scene.spend(OTHER, day, units)
    scene.hear(day, units)


def find(scene: Scene, title: str, day: int) -> list[tuple[str, AnomalyStatus]]:
    """Return the anomalies of a series or group that begin with a day, by its name in words."""
    rows = [row.anomaly for row in lookup.list_anomalies(scene.services, everything()).rows]
    told = {row.id: explanation.explain(scene.services, row.id).words[0] for row in rows if row.first_period == day}
    return [(row.id, row.status) for row in rows if told.get(row.id, "").lower().startswith(f"{title} cost".lower())]


@titles
def test_a_planned_day_is_expected_the_next_time_and_not_if_that_is_taken_back(build: Build, title: str) -> None:
    scene = Scene(build, SERIES, OTHER)
    hear(scene, TODAY, 150)
    [(anomaly, _), *_] = find(scene, title, TODAY)
    for day in range(TODAY + 1, TODAY + 9):
        hear(scene, day, 100)
    again = TODAY + 9
    feedback.give(scene.services, anomaly, Word.PLANNED, "", "")
    bring_to_rest(scene.services)
    hear(scene, again, 150)
    assert find(scene, title, again) == []
    feedback.take_back(scene.services, anomaly)
    bring_to_rest(scene.services)
    assert [status for _, status in find(scene, title, again)][:1] == [AnomalyStatus.OPEN]


@titles
def test_a_total_is_explained_by_its_own_figures_and_by_what_the_detector_knew(build: Build, title: str) -> None:
    scene = Scene(build, SERIES, OTHER)
    hear(scene, TODAY, 150)
    found = explanation.explain(scene.services, find(scene, title, TODAY)[0][0])
    amount, usual = (units * (2 if title == "account prod" else 1) for units in (150.0, 102.05))
    assert found.words[0].startswith(f"{title[:1].upper()}{title[1:]} cost {amount:,.2f} USD on 2026-02-16: ")
    assert found.words[3:5] == ("An alert was sent.", f"The usual amount of a day is {usual:,.2f} USD.")
    assert found.words[-1].startswith("Judged by adaptive with a threshold of 3, after at least 10 days, ")
    assert found.explained is not None
    assert found.period is not None
    assert found.explained.verdict.score == pytest.approx(found.period.score)
