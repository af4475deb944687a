"""Alarms: up to which amount a running total need not be judged again."""

from typing import Final

_CAUTION: Final = 20  # bits: a limit is exact except for rounding in its last seven digits


def compute_alarm(limit: int | None) -> int | None:
    """Return the amount in micros up to which a running total need not be folded; None for any amount.

    It is slightly below the limit, because of rounding; a larger amount is judged and may turn out normal.
    """
    return None if limit is None else limit - (abs(limit) >> _CAUTION) - 1
