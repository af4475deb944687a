"""A limit that many sums share: each name in any of them takes a place."""


class Room:
    """A number of places; `left` is negative if some had to be taken beyond the limit."""

    __slots__ = ("left",)

    def __init__(self, places: int) -> None:
        self.left = places
