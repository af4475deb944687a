"""What the clients sent, and the answers they got: the only source that the oracle trusts."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kumo.api.schemas.fields import rfc3339
from kumo.domain import money
from kumo.domain.entries import Entry, Series, parse_entry_id

TEAMS: Final = ("ml", "web")


def tags_of(series: Series) -> Mapping[str, str]:
    """Return the tags that every entry of a series has."""
    return {"team": TEAMS[len(series.service) % len(TEAMS)]} if series.region else {}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry to send; `timestamp` is None if Kumo sets it."""

    series: Series
    amount: int
    timestamp: int | None
    external_id: str = ""

    def body(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        texts = {
            "service": self.series.service,
            "account": self.series.account,
            "region": self.series.region,
            "currency": self.series.currency,
            "external_id": self.external_id,
            "timestamp": "" if self.timestamp is None else rfc3339(self.timestamp),
        }
        tags = tags_of(self.series)
        named = {"tags": tags} if tags else {}
        return {"amount": money.exact(self.amount)} | {name: text for name, text in texts.items() if text} | named


@dataclass(frozen=True, slots=True)
class BookRow:
    """An entry that was acknowledged, under its id and with its time."""

    row: Row
    id: str
    timestamp: int

    @property
    def seq(self) -> int:
        """The number under which the entry first arrived in its partition."""
        found = parse_entry_id(self.id)
        assert found is not None, self.id
        return found[1]


@dataclass
class Book:
    """Every acknowledged entry, by series; `bill` has the costs of the newest bill that was imported.

    A series has either one client, which sends the next request after the last is acknowledged, so that the order is
    known; or many clients, and then each of its entries is new and the ids show the order. `bill_days` are those of all
    bills.
    """

    shared: set[Series] = field(default_factory=set)
    arrivals: dict[Series, list[BookRow]] = field(default_factory=dict)
    bill: list[Entry] = field(default_factory=list)
    bill_days: set[int] = field(default_factory=set)
    requests: int = 0
    retries: int = 0
    bills: int = 0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, rows: Iterable[tuple[Row, str, int]]) -> None:
        """Keep the answer to one request: each row with its id and timestamp."""
        with self.lock:
            self.requests += 1
            for row, entry_id, timestamp in rows:
                self.arrivals.setdefault(row.series, []).append(BookRow(row, entry_id, timestamp))

    def fault(self, text: str) -> None:
        """Keep an answer that should never be given."""
        with self.lock:
            self.faults.append(text)

    def in_order(self, series: Series) -> list[BookRow]:
        """Return the arrivals of a series in the order in which Kumo got them."""
        rows = self.arrivals[series]
        return sorted(rows, key=lambda arrival: arrival.seq) if series in self.shared else rows

    @property
    def entries(self) -> int:
        """How many different entries were acknowledged."""
        return len({arrival.id for rows in self.arrivals.values() for arrival in rows})
