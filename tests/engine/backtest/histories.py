"""Histories for replays, written as rows of a series, a day and an amount."""

import random
from collections.abc import Iterable
from typing import NamedTuple

from kumo.domain.entries import DAY_MS, Series
from kumo.engine.backtest.rows import History
from kumo.engine.backtest.trial import Trial, replay_history
from kumo.settings import Settings

UNIT = 10**6
FIRST = 20_000
DAYS = 60
TODAY = FIRST + DAYS
EVERYTHING = Settings(min_impact=0.0, min_share=0.0, false_alerts=0.0)


class Cost(NamedTuple):
    """A row: `at` is the time of day, between 0 and 1."""

    series: Series
    day: int
    units: float
    at: float = 0.0
    external_id: str = ""


def build_history(costs: Iterable[Cost]) -> History:
    history = History()
    for series, day, units, at, external_id in costs:
        number = history.number_series(f"{series.service}|{series.account}|{series.region}", series)
        history.add(number, round((day + at) * DAY_MS), round(units * UNIT), ("", ""), external_id)
    return history


def replay(costs: Iterable[Cost], settings: Settings = EVERYTHING) -> Trial:
    return replay_history(build_history(costs), [settings]).trials[0]


def series_of(number: int) -> Series:
    return Series(
        f"service {number % 8}", "USD", provider="AWS", account=f"account {number % 5}", region=f"region {number % 3}"
    )


def usual(count: int, *, until: int = TODAY, noise: float = 0.05, units: float = 20.0) -> list[Cost]:
    """Return sixty usual days of so many series, day by day."""
    rng = random.Random(1)
    days = range(FIRST, until)
    return [
        Cost(series_of(number), day, units * rng.lognormvariate(0, noise)) for day in days for number in range(count)
    ]


def today(count: int, factor: float, *, units: float = 20.0) -> list[Cost]:
    """Return what each of some series costs today, in times its usual."""
    return [Cost(series_of(number), TODAY, units * factor) for number in range(count)]
