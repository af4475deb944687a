"""Clients that do not give up: each request under its own Idempotency-Key, until it is acknowledged."""

import random
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

import requests

from kumo.domain.entries import parse_timestamp
from tests.chaos.book import Book, Row
from tests.chaos.traffic import Traffic

REQUEST_SECONDS: Final = 15.0
GIVE_UP_SECONDS: Final = 120.0
AGAIN_SECONDS: Final = 0.1
TO_BE_REPEATED: Final = {502, 503, 504}
RUNNING: Final = "still running"


class Client(threading.Thread):
    """One client: sends its traffic until told to stop, and ends with the last request acknowledged."""

    def __init__(self, url: str, book: Book, traffic: Traffic, number: int, seed: int) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self._url = url
        self._book = book
        self._traffic = traffic
        self._number = number
        self._rng = random.Random(f"{seed} pause {number}")
        self._session = requests.Session()
        self.stopping = threading.Event()

    def run(self) -> None:
        sent = 0
        while not self.stopping.wait(self._rng.uniform(0.02, 0.2)):
            sent += 1
            if not self._send(self._traffic.request(), f"client {self._number} request {sent}"):
                return
        self._session.close()

    def _send(self, rows: Sequence[Row], key: str) -> bool:
        """Send until acknowledged; return whether it was. The book has the result."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            reply = self._try(rows, key)
            if reply is not None and reply.status_code in {200, 202}:
                self._book.acknowledge(told(rows, reply.json()))
                return True
            if reply is not None and not _passes(reply):
                self._book.fault(f"{key}: HTTP {reply.status_code} {reply.text[:300]}")
                return False
            self._book.retries += 1
            time.sleep(AGAIN_SECONDS)
        self._book.fault(f"{key}: not acknowledged in {GIVE_UP_SECONDS:.0f} s")
        return False

    def _try(self, rows: Sequence[Row], key: str) -> requests.Response | None:
        bodies = [row.body() for row in rows]
        path, body = ("/ingest/", bodies[0]) if len(rows) == 1 else ("/ingest/batch", bodies)
        headers = {"Idempotency-Key": key}
        try:
            return self._session.post(self._url + path, json=body, headers=headers, timeout=REQUEST_SECONDS)
        except requests.RequestException:
            return None


def _passes(reply: requests.Response) -> bool:
    running = reply.status_code == 409 and RUNNING in reply.text
    return running or reply.status_code in TO_BE_REPEATED


def told(rows: Sequence[Row], answer: Any) -> list[tuple[Row, str, int]]:  # noqa: ANN401 - JSON
    """Read an acknowledgement: per row the id, and the timestamp where Kumo chose it."""
    if "ids" not in answer:
        return [(rows[0], answer["id"], parse_timestamp(answer["timestamp"]))]
    return [(row, entry_id, row.timestamp or 0) for row, entry_id in zip(rows, answer["ids"], strict=True)]
