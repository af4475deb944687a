"""Healthy fleets, and what a person would hear of them: every message is a false alarm."""

import math
import random
from typing import Final, NamedTuple

from kumo.domain.entries import DAY_MS, Series
from kumo.engine.backtest.rows import History
from kumo.engine.backtest.trial import replay_history
from kumo.settings import Settings
from tests.domain.fleets import START, draw_habit, spend

MONTH: Final = 30
WEEK: Final = 7


class FleetResult(NamedTuple):
    """The messages about a healthy fleet after its first month."""

    series: int
    days: int
    messages: int
    groups: int

    @property
    def a_week(self) -> float:
        return self.messages / ((self.days - MONTH) / WEEK)


def build_fleet(series: int, days: int, seed: int = 1) -> History:
    """Return a fleet with weekly seasons, growth, fees on the 1st and days that come late, in accounts and services."""
    rng, history = random.Random(seed), History()
    numbers, amounts = [], []
    for number in range(series):
        names = Series(
            f"service {rng.randrange(max(series // 10, 5))}",
            "USD",
            provider=rng.choice(["AWS", "AWS", "GCP"]),
            account=f"account {rng.randrange(max(series // 20, 4))}",
            region=f"region {rng.randrange(8)}",
        )
        numbers.append(history.number_series(f"series {number}", names))
        amounts.append(spend(draw_habit(rng), days, rng))
    for day in range(days):
        for number, of_days in zip(numbers, amounts, strict=True):
            history.add(number, (START + day) * DAY_MS, of_days[day], ("", ""))
    return history


def double_a_tenth(history: History, days: int, seed: int = 1) -> tuple[History, str]:
    """Add a series with a tenth of the spend to a fleet, and a day on which it costs twice as much; return its id."""
    rng = random.Random(seed)
    names = Series("database", "USD", provider="AWS", account="account 0", region="region 0")
    number = history.number_series("large", names)
    usual = sum(history.amounts) / days / 9
    for day in range(days + 1):
        factor = 2.0 if day == days else 1.0
        history.add(number, (START + day) * DAY_MS, round(usual * factor * math.exp(rng.gauss(0, 0.08))), ("", ""))
    return history, history.series[number].id


def measure(series: int, days: int, seed: int = 1) -> FleetResult:
    """Count the messages about a healthy fleet, with the default settings."""
    history = build_fleet(series, days, seed)
    trial = replay_history(history, [Settings()]).trials[0]
    ids = {named.id for named in history.series}
    late = [message for message, _ in trial.messages if message.day >= START + MONTH]
    return FleetResult(series, days, len(late), sum(message.thing_id not in ids for message in late))
