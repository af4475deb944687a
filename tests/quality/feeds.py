"""The ways in which the costs of a suite arrive: each row once, or each day in parts that are restated."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain import entries
from kumo.domain.entries import DAY_MS
from kumo.engine.backtest.rows import History
from kumo.engine.backtest.trial import replay_history
from kumo.settings import Settings
from tests.quality.series import Series

Post = tuple[int, int, int]  # the time of its arrival in ms, the place of its row in the series, the amount in micros


def send_once(series: Series, rng: random.Random) -> Iterator[Post]:  # noqa: ARG001 - one of the feeds
    """Send each row once, complete."""
    for place, (timestamp, micros) in enumerate(series.rows):
        yield timestamp, place, micros


def restate_later(series: Series, rng: random.Random) -> Iterator[Post]:
    """Send 60 to 70 % of each day first, and complete it a day later."""
    for place, (timestamp, micros) in enumerate(series.rows):
        yield timestamp, place, round(micros * rng.uniform(0.6, 0.7))
        yield timestamp + DAY_MS, place, micros


def restate_twice(series: Series, rng: random.Random) -> Iterator[Post]:  # noqa: ARG001 - one of the feeds
    """Send 20 % of each day, then 60 %, then all of it, on that day."""
    for place, (timestamp, micros) in enumerate(series.rows):
        for number, percent in enumerate((20, 60, 100)):
            yield timestamp + number * DAY_MS // 4, place, micros * percent // 100


FEEDS: Final[Mapping[str, Callable[[Series, random.Random], Iterator[Post]]]] = {
    "once": send_once,
    "60 to 70 %, full a day later": restate_later,
    "20, 60, 100 % on its day": restate_twice,
}


@dataclass(frozen=True)
class Told:
    """The rows of each series that messages name, by the place of the series; all of them, and those about series."""

    named: Sequence[Sequence[int]]
    alone: Sequence[Sequence[int]]


def build_history(suite: Sequence[Series], feed: str) -> tuple[History, list[int]]:
    """Return a suite as it arrives by a feed, and the place in its series of each row."""
    history, rng = History(), random.Random(5)
    posts = []
    for series in suite:
        number = history.number_series(series.name, entries.Series(series.name, "USD", account=series.name))
        rows = enumerate(FEEDS[feed](series, rng))
        posts += [(time, turn, number, place, micros) for turn, (time, place, micros) in rows]
    for _, _, number, place, micros in sorted(posts):
        history.add(number, suite[number].rows[place][0], micros, ("", ""), str(place))
    return history, [place for _, _, _, place, _ in sorted(posts)]


def tell(suite: Sequence[Series], feed: str, settings: Settings) -> Told:
    """Replay a suite as it arrives by a feed."""
    history, rows = build_history(suite, feed)
    ids = {named.id for named in history.series}
    named: list[set[int]] = [set() for _ in suite]
    alone: list[set[int]] = [set() for _ in suite]
    for message, places in replay_history(history, [settings]).trials[0].messages:
        for place in places:
            named[history.numbers[place]].add(rows[place])
            if message.thing_id in ids:
                alone[history.numbers[place]].add(rows[place])
    return Told([sorted(each) for each in named], [sorted(each) for each in alone])


def pair(told: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """Return the pairs of series and row, by their places."""
    return {(number, row) for number, rows in enumerate(told) for row in rows}


def count_differences(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> int:
    """Return how many pairs of one of two feeds have no pair of the other within one row."""
    first, second = pair(one), pair(other)
    return sum(not _is_near(each, second) for each in first) + sum(not _is_near(each, first) for each in second)


def _is_near(one: tuple[int, int], pairs: set[tuple[int, int]]) -> bool:
    number, row = one
    return any((number, row + by) in pairs for by in (-1, 0, 1))
