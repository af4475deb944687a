"""A client that imports bills: each a later state of the same one, with costs restated, removed and added."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import requests

from kumo.domain import money
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.store.series import date_of
from tests.billing.samples import FOCUS, written
from tests.chaos.book import Book
from tests.chaos.clients import AGAIN_SECONDS, REQUEST_SECONDS, TO_BE_REPEATED

SERVICES: Final = 5
FIRST_DAYS: Final = 25
RESTATED: Final = 0.1
REMOVED: Final = 0.05
PAUSE_SECONDS: Final = 0.5
MANY: Final = 100
GIVE_UP_SECONDS: Final = 400.0

Cell = tuple[int, int]
"""A day since 1970, and the number of a service."""


class Biller(threading.Thread):
    """Imports the next bill once the last one is done, until told to stop."""

    def __init__(self, url: str, book: Book, seed: int, clock: Callable[[], int]) -> None:
        super().__init__(name="biller", daemon=True)
        self._url = url
        self._book = book
        self._rng = random.Random(f"{seed} bills")
        self._clock = clock
        self._first = clock() // DAY_MS - FIRST_DAYS
        self._cells: dict[Cell, int] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(PAUSE_SECONDS):
            self._change()
            if not self._import():
                return

    def _change(self) -> None:
        """Change the bill. Its first and last day stay, so that every bill says something of all days between."""
        last = self._clock() // DAY_MS - 1
        for day in range(self._first, last + 1):
            for service in range(SERVICES):
                self._change_cell((day, service), is_fixed=day in {self._first, last} and service == 0)

    def _change_cell(self, cell: Cell, *, is_fixed: bool) -> None:
        is_known, chance = cell in self._cells, self._rng.random()
        if not is_known or chance < RESTATED:
            jump = self._rng.choice((1,) * 30 + (6,))
            self._cells[cell] = jump * self._rng.randint(90, 110) * 10**6 * (1 + cell[1]) + self._rng.randint(1, 10**6)
        elif chance > 1 - REMOVED and not is_fixed:
            del self._cells[cell]

    def _import(self) -> bool:
        bill = written(*(_row(day, service, micros) for (day, service), micros in sorted(self._cells.items())))
        deadline = time.monotonic() + GIVE_UP_SECONDS
        location = ""
        while time.monotonic() < deadline:
            if not location:
                reply = self._ask("POST", "/imports/", files={"file": ("bill.csv", bill)})
                location = reply.headers.get("Location", "") if reply is not None else ""
            if location and self._is_done(location):
                self._keep()
                return True
            time.sleep(AGAIN_SECONDS)
        self._book.fault(f"a bill was not imported in {GIVE_UP_SECONDS:.0f} s")
        return False

    def _is_done(self, location: str) -> bool:
        """Return whether the import is done, and those of which the answer was lost are over."""
        done, listed = self._ask("GET", location), self._ask("GET", f"/imports/?limit={MANY}")
        if done is None or listed is None or not all(row["finished_at"] for row in listed.json()):
            return False
        if done.json()["status"] != "done":
            self._book.fault(f"an import is {done.json()}")
        return True

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response | None:  # noqa: ANN401 - those of requests
        try:
            reply = requests.request(method, self._url + path, timeout=REQUEST_SECONDS, **options)
        except requests.RequestException:
            return None
        if reply.ok:
            return reply
        if reply.status_code not in TO_BE_REPEATED:
            self._book.fault(f"{method} {path}: HTTP {reply.status_code} {reply.text[:300]}")
        return None

    def _keep(self) -> None:
        with self._book.lock:
            self._book.bills += 1
            self._book.bill = [
                Entry(_series(service), micros, day * DAY_MS) for (day, service), micros in self._cells.items()
            ]
            self._book.bill_days |= {day for day, _ in self._cells}


def _series(service: int) -> Series:
    return Series(f"billed {service}", "USD", "AWS", "0042", "eu-west-1")


def _row(day: int, service: int, micros: int) -> dict[str, str]:
    cost = money.exact(micros)
    own = {"ChargePeriodStart": f"{date_of(day).isoformat()}T00:00:00Z", "ServiceName": f"billed {service}"}
    return FOCUS | own | {"EffectiveCost": cost, "BilledCost": cost}
