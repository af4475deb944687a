"""The calendar: an excess on a day of the month may be due again a month later, such as a fee on the 1st."""

import math
from typing import Final, NamedTuple

from kumo.domain.maker import maker

DAYS: Final = 31
TOLERANCE: Final = 1.05  # a fee may rise a little from month to month
UNSEEN: Final = math.inf  # most monthly fees fall on the 1st: the first one of a series cannot be predicted
NOTABLE: Final = 0.8  # a near anomaly is stored: with a little less noise it is an anomaly next month


class Fees(NamedTuple):
    """The last excess of each day of the month, in micros; the current day and its largest excess."""

    last: tuple[float, ...] = (UNSEEN, *(0.0,) * (DAYS - 1))
    day: int = -1
    of_month: int = 0
    most: float = 0.0

    def allowance(self, of_month: int, over: float, *, notable: bool) -> float:
        """Return the additional cost in micros that is allowed on this day of the month; `over` is the entry's excess.

        On the first 1st of a series, one notable entry may be a fee of any size.
        """
        last = self.last[of_month]
        if last != UNSEEN:
            return TOLERANCE * last
        seen = self.of_month == of_month and self.most > 0.0
        return over if notable and not seen else 0.0

    def expecting(self, of_month: int, beyond: float) -> "Fees":
        """Expect at least this excess on a day of the month, because feedback says so."""
        expected = max(self.last[of_month], beyond)
        return self._replace(last=(*self.last[:of_month], expected, *self.last[of_month + 1 :]))

    def absorb(self, day: int, of_month: int, beyond: float) -> "Fees":
        """Count the excess of an entry (0 if not notable); a new day closes the one before."""
        last, now, number, most = self
        if day == now:
            return make_fees(last=last, day=now, of_month=number, most=beyond) if beyond > most else self
        if now >= 0 and last[number] != most:
            last = (*last[:number], most, *last[number + 1 :])
        return make_fees(last=last, day=day, of_month=of_month, most=beyond)


make_fees: Final = maker(Fees)
