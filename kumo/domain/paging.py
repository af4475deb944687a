"""Pages of lists."""

from typing import NamedTuple


class Position(NamedTuple):
    """The position of a row in its list. Lists are ordered by time in ms, then by id."""

    time: int
    id: str
