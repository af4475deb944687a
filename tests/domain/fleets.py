"""Healthy series with what healthy spending has: noise, weekends, growth, fees on the 1st and days that come late."""

import math
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from kumo.domain.detectors import build
from kumo.domain.totals.chain import Chain
from kumo.domain.totals.folding import JudgedPeriod, Stretch, fold
from kumo.domain.totals.periods import Grain
from kumo.domain.worth import AlertLimits, Candidate, Fleet, find_reason, weigh

UNIT = 10**6
EPOCH = date(1970, 1, 1)
START = (date(2024, 1, 1) - EPOCH).days
CALM = 3
ADAPTIVE = build("adaptive", 3.0, 10)
Days = list[int]  # micros


class Habit(NamedTuple):
    """How one series spends."""

    size: float
    noise: float
    weekend: float
    growth: float
    fee: float
    late: float


def draw_habit(rng: random.Random) -> Habit:
    return Habit(
        size=math.exp(rng.gauss(3, 1.5)),
        noise=rng.choice([0.03, 0.05, 0.08, 0.12]),
        weekend=rng.choice([1.0, 0.8, 0.5, 0.3]),
        growth=rng.choice([0.0, 0.0005, 0.001, 0.002]),
        fee=rng.choice([0.0] * 6 + [2.0]),
        late=rng.choice([0.0] * 4 + [0.03]),
    )


def spend(habit: Habit, days: int, rng: random.Random) -> Days:
    amounts, owed = [], 0.0
    for number in range(days):
        day = EPOCH + timedelta(START + number)
        amount = habit.size * (1 + habit.growth) ** number * math.exp(rng.gauss(0, habit.noise))
        amount *= habit.weekend if day.weekday() >= 5 else 1.0
        amount += habit.fee * habit.size if day.day == 1 else 0.0
        late = rng.random() < habit.late
        amount, owed = (0.4 * amount, 0.6 * amount) if late else (amount + owed, 0.0)
        amounts.append(round(amount * UNIT))
    return amounts


def add_groups(series: list[Days], rng: random.Random, sizes: Iterable[int] = (10, 20, 5)) -> list[Days]:
    """Return some series, all of them as one, and groups of them in a few dimensions."""
    groups = [series]
    for size in sizes:
        members = defaultdict(list)
        for each in series:
            members[rng.randrange(size)].append(each)
        groups += members.values()
    return [*series, *([sum(day) for day in zip(*group, strict=True)] for group in groups)]


def judge(days: Days) -> list[JudgedPeriod]:
    chain, judged = Chain(Grain.DAY), []
    totals = [(START + number, micros) for number, micros in enumerate(days)]
    while True:
        left = [each for each in totals if each[0] >= chain.frontier]
        result = fold(ADAPTIVE, chain, Stretch(totals=left, first_running=START + len(days), window=30))
        chain, judged = result.chain, [*judged, *result.judged]
        if result.is_complete:
            return judged


def find_alerts(things: list[list[JudgedPeriod]], limits: AlertLimits) -> list[tuple[int, int]]:
    """Return thing and day of each episode's first alert; an episode ends after three calm days."""
    sums = [sum(abs(thing[day].micros) for thing in things) for day in range(len(things[0]))]
    alerts = []
    for number, thing in enumerate(things):
        calm, told = CALM, False
        for day, period in enumerate(thing):
            calm = 0 if period.status == "anomaly" else calm + 1
            told = told and calm < CALM
            if calm or told:
                continue
            weight = weigh(Fleet(len(things), len(things), sums[day - 1]), thing[day - 1].micros)
            impact = period.micros - period.usual
            candidate = Candidate(currency="USD", impact=impact, usual_day=0, chance=period.chance, weight=weight)
            if find_reason(candidate, limits) is None:
                told = True
                alerts.append((number, day))
    return alerts
