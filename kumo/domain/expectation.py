"""A detector's expectation of a period, before the period's total is known."""

from typing import Final, NamedTuple


class Expectation(NamedTuple):
    """The usual amount of a period, and the largest one that is not an anomaly; both in micros.

    Both are None while the detector is learning. Only `limit` is None if any amount may come, such as a fee on the
    first 1st of a month.
    """

    usual: int | None = None
    limit: int | None = None


NOTHING_EXPECTED_YET: Final = Expectation()
