"""Histories to replay, from a CSV or from the store."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from kumo.domain import money
from kumo.domain.entries import Series, parse_currency, parse_text, parse_timestamp
from kumo.engine.backtest.rows import History
from kumo.errors import InvalidHistoryError
from kumo.store import entries, series
from kumo.store.client import Store

SERIES_ID: Final = "series_id"
TIMESTAMP: Final = "timestamp"
VALUE: Final = "value"
LABEL: Final = "label"
COLUMNS: Final = (SERIES_ID, TIMESTAMP, VALUE)
DEFAULT_CURRENCY: Final = "USD"
# A reply of about 50 KB: Redis is busy for well under a millisecond.
STEP: Final = 1000

_GZIP: Final = b"\x1f\x8b"
_DAMAGED: Final = (EOFError, zlib.error, gzip.BadGzipFile)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)([Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def read_csv(file: io.BufferedReader, name: str) -> History:
    """Read a CSV (UTF-8, also with gzip) with the columns series_id, timestamp and value, and the optional ones.

    Raises `InvalidHistoryError`, with file, line and column.
    """
    reader = csv.reader(_text(file), strict=True)
    rows = _rows(reader, name)
    header = next(rows, None)
    if header is None:
        raise InvalidHistoryError(f"{name} is empty; it needs a header with {', '.join(COLUMNS)}.")
    places = _find_columns(header, name)
    history = History(labels=bytearray() if LABEL in places else None)
    for row in rows:
        if len(row) != len(header):
            raise InvalidHistoryError(
                f"{name}, line {reader.line_num}: has {len(row)} columns, the header has {len(header)}."
            )
        try:
            _add_row(history, row, places)
        except ValueError:
            raise InvalidHistoryError(f"{name}, line {reader.line_num}, {_explain_fault(row, places)}") from None
    return history


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


def _find_columns(header: Sequence[str], name: str) -> Mapping[str, int]:
    """Return the positions of the known columns, from 0."""
    names = [column.strip() for column in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise InvalidHistoryError(
            f"{name}, line 1: has no column {', '.join(missing)}; it has {', '.join(names)!r:.200}."
        )
    twice = [column for column in _PARSERS if names.count(column) > 1]
    if twice:
        raise InvalidHistoryError(f"{name}, line 1: has the column {', '.join(twice)} more than once.")
    return {column: names.index(column) for column in _PARSERS if column in names}


def _add_row(history: History, row: Sequence[str], places: Mapping[str, int]) -> None:
    values = {column: _PARSERS[column](row[place]) for column, place in places.items()}
    text, stamp = values[SERIES_ID], row[places[TIMESTAMP]]
    number = history.number_series(text, _name_series(text, values))
    history.add(
        number,
        values[TIMESTAMP],
        values[VALUE],
        (_share_text(stamp), row[places[VALUE]]),
        values.get("external_id", ""),
    )
    if history.labels is not None:
        history.labels.append(values[LABEL])


def _name_series(text: str, values: Mapping[str, Any]) -> Series:
    """Return the series of a row: `a|b` is service a in region b; without a column account, the service is one too."""
    service, _, region = text.partition("|")
    return _build_series(
        values.get("service") or service or text,
        values.get("currency") or DEFAULT_CURRENCY,
        values.get("account", service or text),
        values.get("region") or region,
    )


@lru_cache(maxsize=50_000)
def _build_series(service: str, currency: str, account: str, region: str) -> Series:
    return Series(service, currency, account=account, region=region)


def _explain_fault(row: Sequence[str], places: Mapping[str, int]) -> str:
    """Name the first column that cannot be parsed, and the reason."""
    for column, place in places.items():
        try:
            _PARSERS[column](row[place])
        except ValueError as error:
            return f"column {column}: {error}; it is {row[place]!r:.100}."
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


def _currency(text: str) -> str:
    return parse_currency(text.strip()) if text.strip() else ""


# Rows of one day have the same text, which is kept once.
@lru_cache(maxsize=4096)
def _share_text(text: str) -> str:
    return text


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    SERIES_ID: _series,
    TIMESTAMP: _time,
    VALUE: _amount,
    LABEL: _label,
    "external_id": parse_text,
    "account": parse_text,
    "service": parse_text,
    "region": parse_text,
    "currency": _currency,
}


def read_stored(store: Store) -> History:
    """Read the stored entries of all judged series, each in order of arrival, with today's amounts."""
    history, ids = History(), series.matching(store, {})
    for series_id, stored in series.identities(store, ids).items():
        if stored.charge_category:  # tax, credits and similar charges are never judged
            continue
        number = history.number_series(series_id, stored)
        # The store is ordered by time; a set, because an entry may appear twice while others are recorded.
        for _, timestamp, amount in sorted(set(entries.history(store, series_id, STEP))):
            history.add(number, timestamp, amount, (_rfc3339(timestamp), money.exact(amount)))
    return history


def _rfc3339(timestamp: int) -> str:
    seconds, rest = divmod(timestamp, 1000)
    moment = datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=rest * 1000, tzinfo=None)
    return moment.isoformat(timespec="milliseconds" if rest else "seconds") + "Z"
