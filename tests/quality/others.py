"""Series from another generator than the suites: other shapes, mix, cadences and currencies, from seeds.

A gain of a detector on the suites that does not appear here is overfitting.
"""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from tests.quality.series import Event, Series

START: Final = 1_672_531_200_000  # a Sunday: 1 January 2023
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
SEEDS: Final = (11, 12)
EACH: Final = 20

Shape = Callable[[random.Random, int], list[float]]


def telemetry(rng: random.Random, rows: int) -> list[float]:
    """A meter read every half hour: a daily wave, noise that hangs together, a quiet night."""
    hang, values = 0.0, []
    for row in range(rows):
        hang = 0.8 * hang + rng.gauss(0.0, 0.04)
        values.append((2.0 + math.sin(2 * math.pi * row / 48)) * math.exp(hang))
    return values


def heavy(rng: random.Random, rows: int) -> list[float]:
    """Daily cost with log-normal noise of 40 %."""
    return [math.exp(rng.gauss(0.0, 0.4)) for _ in range(rows)]


def holidays(rng: random.Random, rows: int) -> list[float]:
    """A business by weekdays, with ten days off a year that cost as a Sunday does."""
    off = {rng.randrange(rows) for _ in range(rows * 10 // 365)}
    week = [1.0, 1.05, 1.0, 1.1, 0.95, 0.4, 0.35]
    return [week[6 if row in off else (row + 6) % 7] * math.exp(rng.gauss(0.0, 0.06)) for row in range(rows)]


def growth(rng: random.Random, rows: int) -> list[float]:
    """A start-up: five to eight percent more a month, in steps of new customers."""
    monthly, level, values = rng.uniform(1.05, 1.08), 1.0, []
    for _ in range(rows):
        if rng.random() < 1 / 10:
            level *= monthly ** (1 / 3)
        values.append(level * math.exp(rng.gauss(0.0, 0.05)))
    return values


def subscription(rng: random.Random, rows: int) -> list[float]:
    """A flat price and a yearly plan paid each month on one day of it, counted in days of thirty."""
    due = rng.randrange(28)
    return [1.0 + (4.0 if _day_of_month(row) == due else 0.0) + rng.gauss(0.0, 0.002) for row in range(rows)]


def six_hourly(rng: random.Random, rows: int) -> list[float]:
    """Four readings a day, of which one is a nightly batch."""
    return [(3.0 if row % 4 == 0 else 1.0) * math.exp(rng.gauss(0.0, 0.1)) for row in range(rows)]


def purchases(rng: random.Random, rows: int) -> list[float]:
    """Single purchases at any time, of very different size."""
    return [rng.gammavariate(1.5, 1.0) + 0.02 for _ in range(rows)]


# name: shape, granularity, rows, minutes between rows (0: any time), events a month and how much they are.
KINDS: Final[dict[str, tuple[Shape, str, int, int, float, tuple[float, float]]]] = {
    "telemetry": (telemetry, "hourly", 60 * 48, 30, 4.0, (1.6, 3.0)),
    "heavy": (heavy, "daily", 420, 1440, 0.4, (3.0, 8.0)),
    "holidays": (holidays, "daily", 420, 1440, 0.5, (1.4, 3.0)),
    "growth": (growth, "daily", 420, 1440, 0.5, (1.4, 3.0)),
    "subscription": (subscription, "daily", 420, 1440, 0.3, (1.2, 2.0)),
    "six_hourly": (six_hourly, "hourly", 800, 360, 0.6, (1.6, 4.0)),
    "purchases": (purchases, "entries", 2000, 0, 0.5, (15.0, 40.0)),
}


def generate(seed: int) -> list[Series]:
    """Make a suite: twenty series of each kind, in currencies of any size."""
    return [_series(random.Random(f"{seed} {kind} {number}"), kind, number) for kind in KINDS for number in range(EACH)]


def _series(rng: random.Random, kind: str, number: int) -> Series:
    shape, granularity, length, minutes, monthly, times = KINDS[kind]
    values = shape(rng, length)
    stamps = _stamps(rng, length, minutes)
    probation = length // 6
    months = (stamps[-1] - stamps[probation]) / DAY_MS / 30.4
    events = _events(rng, values, probation, max(round(monthly * months), 1), times) if number % 5 else []
    unit = 10.0 ** rng.uniform(-3, 5) * 1e6
    amounts = [round(value * unit) for value in values]
    rows = tuple(zip(stamps, amounts, strict=True))
    return Series(f"{kind} {number}", granularity, kind, probation, months, tuple(events), rows)


def _stamps(rng: random.Random, rows: int, minutes: int) -> list[int]:
    if minutes:
        return [START + row * minutes * MINUTE_MS for row in range(rows)]
    stamps, now = [], float(START)
    for _ in range(rows):
        now += rng.expovariate(1.0) * DAY_MS / 12
        stamps.append(int(now))
    return stamps


def _events(
    rng: random.Random, values: list[float], probation: int, count: int, times: tuple[float, float]
) -> list[Event]:
    """Put events into equal stretches of the series, so that they are apart; a shift only in the last one."""
    stretch = (len(values) - probation) // count
    starts = [probation + number * stretch + stretch // 4 for number in range(count)]
    return [_event(rng, values, start, stretch, rng.uniform(*times)) for start in starts]


def _event(rng: random.Random, values: list[float], start: int, stretch: int, times: float) -> Event:
    rest = len(values) - start
    shift = rest <= stretch and rng.random() < 0.5
    length = rest if shift else rng.randint(1, max(min(stretch // 8, 4), 1))
    excess = 0.0
    for row in range(start, start + length):
        excess += values[row] * (times - 1.0)
        values[row] *= times
    end = start + length - 1
    credit = min(end, start + 7) if shift else end
    return Event("shift" if shift else "spike", start, end, credit, excess)


def _day_of_month(row: int) -> int:
    return datetime.fromtimestamp(START / 1000 + row * 86_400, UTC).day - 1
