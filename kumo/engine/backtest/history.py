"""Histories to replay, from a CSV or from the store."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from kumo.domain import money
from kumo.domain.entries import parse_timestamp
from kumo.domain.replay import HistoryEntry
from kumo.errors import InvalidHistoryError
from kumo.store import entries, series
from kumo.store.client import Store

COLUMNS: Final = ("series_id", "timestamp", "value")
LABEL: Final = "label"
# A reply of about 50 KB: Redis is busy for well under a millisecond.
STEP: Final = 1000

_GZIP: Final = b"\x1f\x8b"
_DAMAGED: Final = (EOFError, zlib.error, gzip.BadGzipFile)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)([Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class History:
    """Entries in order of arrival; `labelled` says whether anomalies are marked in it."""

    entries: Iterator[HistoryEntry]
    labelled: bool


def read_csv(file: io.BufferedReader, name: str) -> History:
    """Read a CSV (UTF-8, also with gzip) with the columns series_id, timestamp, value and optionally label, row by row.

    Raises `InvalidHistoryError`, with file, line and column: at once for the header, later while rows are read.
    """
    reader = csv.reader(_text(file), strict=True)
    rows = _rows(reader, name)
    header = next(rows, None)
    if header is None:
        raise InvalidHistoryError(f"{name} is empty; it needs a header with {', '.join(COLUMNS)}.")
    place = _places(header, name)
    return History(_read_entries(rows, place, name, lambda: reader.line_num), labelled=place.label is not None)


def _text(file: io.BufferedReader) -> io.TextIOWrapper:
    packed = file.peek(len(_GZIP)).startswith(_GZIP)
    return io.TextIOWrapper(gzip.GzipFile(fileobj=file) if packed else file, encoding="utf-8-sig", newline="")


def _rows(reader: Any, name: str) -> Iterator[list[str]]:  # noqa: ANN401 - the type of csv.reader has no public name
    """Yield the rows that are not blank; raise errors of the file itself."""
    try:
        for row in reader:
            if row:
                yield row
    except csv.Error as error:
        raise InvalidHistoryError(f"{name}, line {reader.line_num}: is not CSV: {error}.") from None
    except UnicodeDecodeError:
        raise InvalidHistoryError(f"{name}, after line {reader.line_num}: is not UTF-8 text.") from None
    except _DAMAGED as error:
        raise InvalidHistoryError(f"{name}, after line {reader.line_num}: is damaged or incomplete: {error}.") from None


class _Places(NamedTuple):
    """The positions of the columns, from 0, and their number."""

    series_id: int
    timestamp: int
    value: int
    label: int | None
    width: int


def _places(header: Sequence[str], name: str) -> _Places:
    names = [column.strip() for column in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise InvalidHistoryError(
            f"{name}, line 1: has no column {', '.join(missing)}; it has {', '.join(names)!r:.200}."
        )
    twice = [column for column in (*COLUMNS, LABEL) if names.count(column) > 1]
    if twice:
        raise InvalidHistoryError(f"{name}, line 1: has the column {', '.join(twice)} more than once.")
    label = names.index(LABEL) if LABEL in names else None
    series_id, timestamp, value = (names.index(column) for column in COLUMNS)
    return _Places(series_id=series_id, timestamp=timestamp, value=value, label=label, width=len(names))


def _read_entries(
    rows: Iterator[list[str]], place: _Places, name: str, line: Callable[[], int]
) -> Iterator[HistoryEntry]:
    for seq, row in enumerate(rows, 1):
        if len(row) != place.width:
            raise InvalidHistoryError(f"{name}, line {line()}: has {len(row)} columns, the header has {place.width}.")
        try:
            entry = _read_entry(seq, row, place)
        except ValueError:
            raise InvalidHistoryError(f"{name}, line {line()}, {_fault(row, place)}") from None
        yield entry


def _read_entry(seq: int, row: Sequence[str], place: _Places) -> HistoryEntry:
    timestamp, value = row[place.timestamp], row[place.value]
    label = None if place.label is None else _label(row[place.label])
    return HistoryEntry(
        seq=seq,
        series_id=_series(row[place.series_id]),
        timestamp=_time(timestamp),
        amount=_amount(value),
        written=(timestamp, value),
        label=label,
    )


def _fault(row: Sequence[str], place: _Places) -> str:
    """Name the first column that cannot be parsed, and the reason."""
    for column, parse in _PARSERS.items():
        at = getattr(place, column)
        try:
            if at is not None:
                parse(row[at])
        except ValueError as error:
            return f"column {column}: {error}; it is {row[at]!r:.100}."
    raise AssertionError("a row was refused, but each of its columns can be parsed")


def _series(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


# The series of one bill share their days: 4,096 are eleven years, or half a year of hours.
@lru_cache(maxsize=4096)
def _time(text: str) -> int:
    """Parse a date or time, in UTC if it has no offset."""
    found = _TIME.fullmatch(text.strip())
    if found is None or (found[3] and not found[2]):
        raise ValueError("must be a date or an RFC 3339 time, such as 2026-01-31 or 2026-01-31T09:00:00Z")
    return parse_timestamp(found[1] + (found[2] or "T00:00:00") + (found[3] or "Z"))


def _amount(text: str) -> int:
    return money.to_micros(text.strip())


def _label(text: str) -> bool:
    if text.strip() not in {"0", "1"}:
        raise ValueError("must be 0 or 1")
    return text.strip() == "1"


_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    "series_id": _series,
    "timestamp": _time,
    "value": _amount,
    "label": _label,
}


def read_stored(store: Store) -> History:
    """Read the stored entries: one series after the other, each in order of arrival, with today's amounts."""
    return History(_read_stored(store), labelled=False)


def _read_stored(store: Store) -> Iterator[HistoryEntry]:
    ids = series.matching(store, {})
    known = series.identities(store, ids)
    for series_id in ids:
        if known[series_id].charge_category:  # tax, credits and similar charges are never judged
            continue
        # The store is ordered by time; a set, because an entry may appear twice while others are recorded.
        for seq, timestamp, amount in sorted(set(entries.history(store, series_id, STEP))):
            yield HistoryEntry(
                seq=seq,
                series_id=series_id,
                timestamp=timestamp,
                amount=amount,
                written=(_rfc3339(timestamp), money.exact(amount)),
            )


def _rfc3339(timestamp: int) -> str:
    seconds, rest = divmod(timestamp, 1000)
    moment = datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=rest * 1000, tzinfo=None)
    return moment.isoformat(timespec="milliseconds" if rest else "seconds") + "Z"
