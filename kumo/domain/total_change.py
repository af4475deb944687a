"""What an alert says of the total of a period."""

from collections.abc import Mapping
from dataclasses import dataclass

from kumo.domain.totals.periods import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalChange:
    """The total that raised an alert, at the time of judging. Amounts are in micros, days counted from 1970.

    `scope` has the dimensions that a series or group fixes, with their values; none for all costs of a currency.
    `group` is the id of the group, empty for a series. `usual` is None for something new. `excess` is what the
    anomalous periods of the anomaly are above the usual, from `first_period` to `last_period`; `periods` counts them.
    `is_running`: the period is not over. `falls` has the series that offset it, in words, with how much they fell.
    `new_values` are the values of a tag that are reported together.
    """

    scope: Mapping[str, str]
    group: str = ""
    period: str
    grain: Grain = Grain.DAY
    usual: int | None = None
    limit: int | None = None
    excess: int = 0
    periods: int = 0
    first_period: int
    last_period: int
    is_running: bool = False
    falls: tuple[tuple[str, int], ...] = ()
    new_values: tuple[str, ...] = ()
