"""What clients send: steady prices with jumps, corrections, late entries and batches, all from one seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kumo.domain.entries import DAY_MS, Series
from kumo.domain.totals.periods import HOUR_MS
from tests.chaos.book import Book, Row

SPIKES: Final = 0.04
LATE: Final = 0.1
NAMED: Final = 0.4
CORRECTIONS: Final = 0.08
UNTIMED: Final = 0.1
BATCHES: Final = ((0.70, 1, 1), (0.97, 2, 20), (0.994, 60, 150), (1.0, 450, 700))
"""Up to which chance a request has how many entries: the largest take several recording calls a partition."""
OWN, SHARED, DAILY = 4, 3, 2
LONGEST_DAYS: Final = 20


@dataclass
class Feed:
    """One series as its client sees it: its price, and the entries sent under its own names.

    `daily`: it has one entry a day, which is restated while the day grows.
    """

    series: Series
    price: int
    shared: bool = False
    daily: bool = False
    named: dict[str, tuple[int, int]] = field(default_factory=dict)


def _feed(name: str, *, shared: bool = False, daily: bool = False) -> Feed:
    """Begin a series, in a group with others by each dimension but the service."""
    price = random.Random(name).randint(10**4, 10**9)  # the same for every client of a shared series
    place = sum(name.encode())
    region = f"region {place % 2}" if place % 3 else ""
    series = Series(name, "EUR" if "1" in name else "USD", account=f"account {place % 3}", region=region)
    return Feed(series, price, shared, daily)


class Traffic:
    """The requests of one client, in order."""

    def __init__(self, book: Book, client: int, seed: int, clock: Callable[[], int]) -> None:
        self._rng = random.Random(f"{seed} client {client}")
        self._client = client
        self._clock = clock
        self._count = 0
        self._feeds = [_feed(f"own {client} {number}") for number in range(OWN)]
        self._feeds += [_feed(f"shared {number}", shared=True) for number in range(SHARED)]
        self._feeds += [_feed(f"daily {client} {number}", daily=True) for number in range(DAILY)]
        book.shared |= {feed.series for feed in self._feeds if feed.shared}

    def request(self) -> list[Row]:
        """Return the next request: one entry, or a batch."""
        chance = self._rng.random()
        low, high = next((low, high) for up_to, low, high in BATCHES if chance <= up_to)
        feeds = self._rng.sample(self._feeds, k=self._rng.randint(1, 2)) if high > 150 else self._feeds
        size = self._rng.randint(low, high)
        return [self._row(self._rng.choice(feeds), alone=size == 1) for _ in range(size)]

    def _row(self, feed: Feed, *, alone: bool) -> Row:
        if feed.daily:
            return self._day(feed)
        if feed.named and self._rng.random() < CORRECTIONS:
            return self._correction(feed)
        self._count += 1
        late = self._rng.randint(1, LONGEST_DAYS * DAY_MS) if self._rng.random() < LATE else 0
        timestamp = self._clock() - self._rng.randint(0, HOUR_MS) - late
        amount = self._amount(feed)
        if feed.shared:
            return Row(feed.series, amount, timestamp)
        if self._rng.random() >= NAMED:
            return Row(feed.series, amount, None if alone and self._rng.random() < UNTIMED else timestamp)
        name = f"{self._client}/{self._count}"
        feed.named[name] = (timestamp, amount)
        return Row(feed.series, amount, timestamp, name)

    def _day(self, feed: Feed) -> Row:
        """Send the entry of a day: mostly of a new one or of the newest days, sometimes of a day long past."""
        back = self._rng.choice((0, 0, 1, 2, self._rng.randint(0, 2 * LONGEST_DAYS)))
        timestamp = (self._clock() // DAY_MS - back) * DAY_MS
        name = f"day {timestamp // DAY_MS}"
        feed.named[name] = (timestamp, self._amount(feed))
        return Row(feed.series, feed.named[name][1], timestamp, name)

    def _amount(self, feed: Feed) -> int:
        noise = self._rng.randint(-feed.price // 20, feed.price // 20)
        jump = self._rng.choice((4, 10, 35)) if self._rng.random() < SPIKES else 1
        return (feed.price + noise) * jump

    def _correction(self, feed: Feed) -> Row:
        """Send a named entry again: unchanged, corrected, or corrected to something ordinary."""
        name = self._rng.choice(list(feed.named)[-40:])
        timestamp, amount = feed.named[name]
        amount = self._rng.choice((amount, feed.price, self._amount(feed)))
        feed.named[name] = (timestamp, amount)
        return Row(feed.series, amount, self._rng.choice((timestamp, None)), name)
