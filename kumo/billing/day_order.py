"""Slash dates whose day may be before the month, if the billing period or their pattern shows it."""

from typing import Final

from kumo.billing.errors import BillError, quote
from kumo.billing.moments import SLASHES, TimeReader

_DAY_MS: Final = 86_400_000
_PERIOD_MS: Final = 31 * _DAY_MS
_DAYS_TO_TELL: Final = 3


class DayOrder:
    """Refuses a file whose slash dates, read month first, put costs into wrong months."""

    def __init__(self, moments: TimeReader, column: str) -> None:
        """Check dates of this column, as parsed by `moments`."""
        self._moments = moments
        self._column = column
        self._slashed: set[tuple[int, int]] = set()

    def check(self, value: object, period: object) -> None:
        """Raise `BillError` for a date that is in its billing period only if it is read day first.

        `period` is the start of the billing period, which is taken as 31 days long.
        """
        if not isinstance(value, str) or "/" not in value:
            return
        day, begin = self._moments.parse(value), self._parse_begin(period, day_first=False)
        self._slashed.add((day // _DAY_MS, int(value.partition("/")[2].partition("/")[0])))
        if begin is None or 0 <= day - begin < _PERIOD_MS:
            return
        swapped, begin = self._swap(value), self._parse_begin(period, day_first=True)
        if swapped is not None and swapped != day and begin is not None and 0 <= swapped - begin < _PERIOD_MS:
            raise BillError(
                f"is {quote(value)}, which is outside the billing period that begins on {quote(period)}, unless the "
                f"day comes before the month; {SLASHES}: export dates as YYYY-MM-DD",
                column=self._column,
            )

    def close(self) -> None:
        """Raise `BillError` if all dates have one day, each in another month: they look like days of one month."""
        numbers = {number for _, number in self._slashed}
        if len(self._slashed) >= _DAYS_TO_TELL and len(numbers) == 1:
            raise BillError(
                f"has only dates of day {numbers.pop()} of a month, which looks as if the day came before the month; "
                f"{SLASHES}: export dates as YYYY-MM-DD",
                column=self._column,
            )

    def _parse_begin(self, period: object, *, day_first: bool) -> int | None:
        try:
            return self._swap(period) if day_first and "/" in str(period) else self._moments.parse(period)
        except (ValueError, OverflowError):
            return None

    def _swap(self, value: object) -> int | None:
        """Return a slash date read day first, None if that is not a date."""
        day, month, rest = [*str(value).split("/", 2), "", ""][:3]
        try:
            return self._moments.parse(f"{month}/{day}/{rest}")
        except ValueError:
            return None
