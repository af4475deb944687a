"""Pages of lists."""

from typing import NamedTuple


class Position(NamedTuple):
    """Where a row stands in its list. Lists are ordered by time in ms, then by id."""

    time: int
    id: str
