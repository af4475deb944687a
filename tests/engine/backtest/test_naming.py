"""Which series a message about a group names, and on which rows."""

from kumo.domain.detectors import build
from kumo.domain.groups import groups_of_series
from kumo.domain.ledger import Ledger
from kumo.engine.backtest.naming import name_drivers
from tests.engine.backtest.histories import FIRST, UNIT, Cost, replay, series_of, today, usual

DAY = FIRST + 20
WHOLE = groups_of_series(series_of(0))[0].id


def fill(*rises: float) -> Ledger:
    """Return a ledger with twenty days of 100 of some series, and a day on which they rise by so many units."""
    ledger = Ledger(build("adaptive", 3.0, 10), 100)
    for day in range(FIRST, DAY + 1):
        for number, rise in enumerate(rises):
            series, units = series_of(number), 100.0 + day % 2 + rise * (day == DAY)
            ledger.change(series.id, series, day, round(units * UNIT), 1)
    ledger.judge(DAY)
    return ledger


def name(ledger: Ledger) -> list[int]:
    numbers = {series_of(number).id: number for number in range(20)}
    return [numbers[each] for each in name_drivers(ledger, WHOLE, DAY)]


def test_a_message_about_a_series_names_it() -> None:
    assert name_drivers(fill(0.0, 300.0), series_of(0).id, DAY) == [series_of(0).id]


def test_a_message_about_a_group_names_what_makes_four_fifths_of_its_rise() -> None:
    assert name(fill(10.0, 300.0, -5.0, 0.0)) == [1]
    assert name(fill(150.0, 10.0, 160.0, 0.0)) == [2, 0]


def test_a_message_about_a_group_names_at_most_three() -> None:
    assert len(name(fill(*[60.0 + number for number in range(8)]))) == 3


def test_a_message_is_sent_at_the_newest_row_of_each_named_series_on_its_day() -> None:
    costs = [*usual(6, noise=0.02), *today(5, 1.0), Cost(series_of(5), FIRST + 60, 400.0)]
    trial = replay([*costs, Cost(series_of(0), FIRST + 61, 20.0)])
    assert {places for _, places in trial.messages} == {(len(costs) - 1,)}
