"""Labelled series, and the suites that hold them."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kumo.domain.money import to_micros

SUITES: Final = Path(__file__).parent / "suites"
NAMES: Final = ("build_1", "build_2", "check")


@dataclass(frozen=True, slots=True)
class Event:
    """An event to alert about: rows `start` to `end`, caught by an alert up to `credit_end`; `excess` in money."""

    kind: str
    start: int
    end: int
    credit_end: int
    excess: float


@dataclass(frozen=True, slots=True)
class Series:
    """A series with its truth. Rows are timestamps in ms and amounts in micros; before `probation` nothing counts."""

    name: str
    granularity: str
    kind: str
    probation: int
    months: float
    events: tuple[Event, ...]
    rows: tuple[tuple[int, int], ...]


def load(name: str) -> list[Series]:
    """Read a suite."""
    rows: dict[str, list[tuple[int, int]]] = {}
    with gzip.open(SUITES / f"{name}.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            rows.setdefault(row["series_id"], []).append((_ms(row["timestamp"]), to_micros(row["value"])))
    truth = json.loads((SUITES / f"{name}.json").read_text())
    return [_series(key, known, rows[key]) for key, known in truth.items()]


def _series(name: str, known: dict, rows: list[tuple[int, int]]) -> Series:
    shared = (known[field] for field in ("granularity", "kind", "probation", "months"))
    return Series(name, *shared, tuple(_events(known["events"])), tuple(rows))


def _events(known: list[dict]) -> Iterator[Event]:
    for event in known:
        yield Event(*(event[field] for field in ("kind", "start", "end", "credit_end", "excess")))


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000
