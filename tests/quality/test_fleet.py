"""Healthy fleets raise few alerts, and a large series that doubles raises one at once."""

import pytest

from kumo.engine.backtest.trial import replay_history
from kumo.settings import Settings
from tests.domain.fleets import START
from tests.quality.fleet import build_fleet, double_a_tenth, measure

MOST = 8  # in the two months after the first


@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_healthy_series_raise_few_alerts_in_two_months(seed: int) -> None:
    assert measure(50, 90, seed).messages <= MOST


def test_a_series_with_a_tenth_of_the_spend_that_doubles_is_told_on_its_first_day() -> None:
    history, series_id = double_a_tenth(build_fleet(100, 40), 40)
    messages = [message for message, _ in replay_history(history, [Settings()]).trials[0].messages]
    assert (series_id, START + 40) in {(message.thing_id, message.day) for message in messages}
