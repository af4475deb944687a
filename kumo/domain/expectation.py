"""What a detector expects of a period, before it is known what the period comes to."""

from typing import Final, NamedTuple


class Expectation(NamedTuple):
    """The usual amount of a period, and the largest one that is no anomaly; both in micros.

    Both are None while the detector is learning. `limit` alone is None where any amount may come, as a fee on the first
    1st of a month.
    """

    usual: int | None = None
    limit: int | None = None


NOTHING_EXPECTED_YET: Final = Expectation()
