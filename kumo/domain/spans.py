"""Durations in words, for sentences to people."""

from typing import Final

_UNITS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def in_words(seconds: float) -> str:
    """Write a duration in the largest unit of which it has at least two, rounded down: "90 seconds"."""
    size, name = next((row for row in _UNITS if seconds >= 2 * row[0]), _UNITS[-1])
    count = int(seconds // size)
    return f"{count} {name if count != 1 else name.removesuffix('s')}"
