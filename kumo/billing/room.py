"""Room that many sums share: each name in any of them takes a place."""


class Room:
    """So many places; `left` is negative where some had to be taken beyond them."""

    __slots__ = ("left",)

    def __init__(self, places: int) -> None:
        self.left = places
