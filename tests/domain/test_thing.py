"""A judged thing in memory: totals by day, and verdicts that are renewed only where they may change."""

import random

from kumo.domain.detectors import build
from kumo.domain.entries import Series
from kumo.domain.thing import Thing
from kumo.domain.totals.folding import TotalStatus

ADAPTIVE = build("adaptive", 3.0, 10)
FIRST = 20_000
DAYS = 40
TODAY = FIRST + DAYS
UNIT = 10**6


def make(days: int = DAYS) -> Thing:
    """Return a thing with usual days of about 100 before today."""
    rng, thing = random.Random(1), Thing(Series("web", "USD"))
    for day in range(FIRST, FIRST + days):
        thing.change(day, round(rng.uniform(95, 105) * UNIT), 1)
    fold(thing)
    return thing


def fold(thing: Thing, today: int = TODAY) -> int | None:
    return thing.fold(ADAPTIVE, 100, today)


def test_totals_are_those_of_the_entries_that_remain() -> None:
    thing = Thing(Series("web", "USD"))
    for day, micros, entries in ((7, 30, 1), (5, 10, 1), (7, 5, 1), (6, 1, 1), (6, -1, -1), (5, 2, 0)):
        thing.change(day, micros, entries)
    assert (thing.days, thing.micros, thing.entries) == ([5, 7], [12, 35], [1, 2])
    assert [thing.read_total(day) for day in (4, 5, 6, 7, 8)] == [None, 12, None, 35, None]
    assert [*thing.find_earlier(7)] == [5]


def test_a_day_is_single_if_it_has_one_entry_as_the_seven_days_before_it() -> None:
    thing = make(10)
    assert thing.is_single(FIRST + 9)
    thing.change(FIRST + 2, 1, 1)
    assert [thing.is_single(FIRST + day) for day in (1, 2, 3, 9)] == [True, False, False, False]
    thing.change(FIRST + 10, 1, 1)
    assert thing.is_single(FIRST + 10)


def test_a_running_day_is_judged_again_only_beyond_its_limit() -> None:
    thing = make()
    thing.change(TODAY, 20 * UNIT, 1)
    assert (fold(thing), thing.judged[TODAY].status) == (TODAY, TotalStatus.RUNNING)
    thing.change(TODAY, 60 * UNIT, 1)
    assert (fold(thing), thing.judged[TODAY].micros) == (None, 20 * UNIT)
    thing.change(TODAY, 100 * UNIT, 1)
    assert (fold(thing), thing.judged[TODAY].status) == (TODAY, TotalStatus.ANOMALY)


def test_a_running_anomaly_is_judged_again_if_it_shrinks_or_has_grown_by_a_sixteenth() -> None:
    thing = make()
    thing.change(TODAY, 260 * UNIT, 1)
    fold(thing)
    for change, changed in ((5, None), (6, TODAY), (-10, TODAY), (-150, TODAY)):
        thing.change(TODAY, change * UNIT, 0)
        assert fold(thing) == changed
    assert thing.judged[TODAY].status is TotalStatus.RUNNING


def test_a_change_of_the_past_renews_what_follows_and_nothing_else() -> None:
    thing, other = make(), make()
    before = dict(thing.judged)
    thing.change(TODAY - 5, 300 * UNIT, 0)
    assert fold(thing) == TODAY - 5
    assert all(thing.judged[day] == before[day] for day in thing.days if day < TODAY - 5)
    assert thing.judged[TODAY - 5].status is TotalStatus.ANOMALY
    thing.change(TODAY - 5, -300 * UNIT, 0)
    fold(thing)
    assert (thing.judged, thing.chain) == (before, other.chain)


def test_days_are_learned_once_they_are_over() -> None:
    thing = make()
    thing.change(TODAY, 50 * UNIT, 1)
    fold(thing)
    assert fold(thing) is None
    assert fold(thing, TODAY + 1) == TODAY
    assert thing.judged[TODAY].status is TotalStatus.NORMAL


def test_a_day_without_entries_any_more_has_no_verdict() -> None:
    thing = make()
    thing.change(TODAY - 1, -thing.micros[-1], -1)
    fold(thing)
    assert TODAY - 1 not in thing.judged
