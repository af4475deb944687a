"""Times and billing periods of a bill."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from kumo.billing.errors import BillError, quote

_CACHED: Final = 50_000
_SLASHED: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,? (\d{1,2}):(\d\d)(?::(\d\d))?(?: ([AP]M))?)?", re.ASCII | re.IGNORECASE
)
_MONTH: Final = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])", re.ASCII)
# Dates with dots always have the day first: 31.01.2026.
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,? (\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII)
# In seconds: 1973. A smaller number is a date.
_LEAST_EPOCH: Final = 10**8
SLASHES: Final = "slash dates are read month first"


class TimeReader:
    """Parses times, with a cache: a month of hours has 744 texts, for any number of rows.

    Slash dates are refused unless `month_first`: 9/2/2023 does not show which number is the month.
    """

    def __init__(self, *, month_first: bool = False) -> None:
        self.month_first = month_first
        self.known: dict[object, int] = {}
        self._months: dict[int, str] = {}

    def read(self, value: object, column: str) -> int:
        """Return milliseconds since 1970 (UTC; a time without an offset counts as UTC)."""
        found = self.known.get(value)
        if found is None:
            try:
                found = self.parse(value)
            except (ValueError, OverflowError):
                hint = f"; {SLASHES}" if self.month_first else ""
                raise BillError(f"is not a date that Kumo can read: {quote(value)}{hint}", column=column) from None
            if len(self.known) >= _CACHED:
                self.known.clear()
            self.known[value] = found
        return found

    def month(self, start: int) -> str:
        """Return the month of a time, "YYYY-MM"."""
        day = start // 86_400_000
        found = self._months.get(day)
        if found is None:
            found = self._months[day] = datetime.fromtimestamp(start // 1000, UTC).strftime("%Y-%m")
        return found

    def period(self, value: object, doubt: Callable[[str], None]) -> str:
        """Return a billing period as "YYYY-MM", empty if the bill has none that is valid."""
        if isinstance(value, str) and (month := _MONTH.fullmatch(value)):
            return f"{month[1]}-{month[2]}"
        try:
            return self.month(self.parse(value)) if value else ""
        except (ValueError, OverflowError):
            doubt(f"the billing period {quote(value)} is not a date; the month of the charge is used")
            return ""

    def parse(self, value: object) -> int:
        """Return milliseconds since 1970 as `read` does; raises `ValueError` and `OverflowError`."""
        moment = self._moment(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if moment.year < 1970:  # noqa: PLR2004 - the epoch
            raise ValueError
        return int(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000

    def _moment(self, value: object) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, (int, float, Decimal)):
            return _from_number(value)
        if isinstance(value, str):
            return _from_text(value.strip(), month_first=self.month_first)
        raise ValueError


def _from_text(text: str, *, month_first: bool) -> datetime:
    if "/" in text:
        slashed = _SLASHED.fullmatch(text) if month_first else None
        if slashed is None:
            raise ValueError
        month, day, year, hour, minute, second = (int(part or 0) for part in slashed.groups()[:6])
        # Twelve o'clock is hour 0 of its half of the day.
        hour = hour if slashed[7] is None else hour % 12 + 12 * (slashed[7].upper() == "PM")
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if dotted := _DOTTED.fullmatch(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in dotted.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if text.isascii() and text.isdigit() and len(text) > len("20260131"):
        return _from_number(int(text))
    return datetime.fromisoformat(text.removesuffix(" UTC"))


def _from_number(number: float | Decimal) -> datetime:
    """Return the time of a number: 20260131, or seconds, ms, µs or ns since 1970, by its size."""
    whole = int(number)
    if whole != number or isinstance(number, bool):
        raise ValueError
    if whole < _LEAST_EPOCH:
        return datetime.fromisoformat(str(whole))
    scale = next((scale for scale in (1, 10**3, 10**6, 10**9) if whole < _LEAST_EPOCH * 1000 * scale), None)
    if scale is None:
        raise ValueError
    return datetime.fromtimestamp(whole // scale, UTC) + timedelta(microseconds=whole % scale * 10**6 // scale)
