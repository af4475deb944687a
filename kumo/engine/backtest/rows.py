"""The rows of a history in memory, in the order of the file and in that of arrival, with few bytes a row."""

import base64
import hashlib
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kumo.domain.entries import Series, is_series_id


class NamedSeries(NamedTuple):
    """A series of a history: its id, the text that names it in the history, and its names."""

    id: str
    text: str
    series: Series


class Row(NamedTuple):
    """One arrival of a history. `place` counts from 0; time in ms, amount in micros; `external_id` may be empty."""

    place: int
    named: NamedSeries
    timestamp: int
    amount: int
    external_id: str = ""


@dataclass(slots=True)
class History:
    """A history. `labels` says of each row whether a person calls it an anomaly; it is empty without labels."""

    labels: bytearray | None = None
    series: list[NamedSeries] = field(default_factory=list)
    numbers: "array[int]" = field(default_factory=lambda: array("L"))
    timestamps: "array[int]" = field(default_factory=lambda: array("q"))
    amounts: "array[int]" = field(default_factory=lambda: array("q"))
    external_ids: list[str] = field(default_factory=list)
    written: list[tuple[str, str]] = field(default_factory=list)
    _known: dict[tuple[str, Series], int] = field(default_factory=dict)
    _texts: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.numbers)

    def number_series(self, text: str, series: Series) -> int:
        """Return the place of a series among all, by the text and the names that it has in a row."""
        known = self._known.get((text, series))
        if known is None:
            known = self._known[text, series] = len(self.series)
            own = is_series_id(text) and text not in self._texts
            self.series.append(NamedSeries(text if own else _make_id(text, series), text, series))
            self._texts.add(text)
        return known

    def add(self, number: int, timestamp: int, amount: int, written: tuple[str, str], external_id: str = "") -> None:
        """Add a row of a numbered series."""
        self.numbers.append(number)
        self.timestamps.append(timestamp)
        self.amounts.append(amount)
        self.written.append(written)
        if external_id or self.external_ids:
            self.external_ids += [""] * (len(self) - 1 - len(self.external_ids))
            self.external_ids.append(external_id)

    def list_arrivals(self) -> Iterator[Row]:
        """Yield the rows in order of arrival.

        A row arrives at the newest time that its series has had so far, and rows of one time in the order of the file.
        So series may follow one after the other or be mixed, and a row that restates an earlier day arrives after the
        rows before it.
        """
        external = self.external_ids
        for place in self._sort():
            yield Row(
                place=place,
                named=self.series[self.numbers[place]],
                timestamp=self.timestamps[place],
                amount=self.amounts[place],
                external_id=external[place] if place < len(external) else "",
            )

    def _sort(self) -> Sequence[int]:
        newest = array("q", [-1] * len(self.series))
        times = array("q")
        is_sorted, before = True, -1
        for number, timestamp in zip(self.numbers, self.timestamps, strict=True):
            newest[number] = time = max(newest[number], timestamp)
            times.append(time)
            is_sorted, before = is_sorted and before <= time, time
        return range(len(self)) if is_sorted else sorted(range(len(self)), key=times.__getitem__)


def _make_id(text: str, series: Series) -> str:
    """Return an id in the form of those of series."""
    digest = hashlib.sha256(json.dumps([text, series.parts]).encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()
