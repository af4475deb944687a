"""A row of the table: the measurement, its yardstick, and whether the goal is met."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

HEAD: Final = ("line", "measured", "yardstick", "held against", "ratio", "goal", "result")


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal of a ratio: at least, or at most, a bound."""

    bound: float
    least: bool

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.least else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:g}"


def at_least(bound: float) -> Goal:
    return Goal(bound, least=True)


def at_most(bound: float) -> Goal:
    return Goal(bound, least=False)


@dataclass(slots=True)
class Row:
    """Rounds of one figure and of its yardstick, which were taken turn by turn; `note` explains the figure."""

    name: str
    unit: str
    against: str = ""
    goal: Goal | None = None
    note: str = ""
    measured: list[float] = field(default_factory=list)
    yardstick: list[float] = field(default_factory=list)

    def add(self, measured: float, yardstick: float | None = None) -> None:
        """Keep the results of one round."""
        self.measured.append(measured)
        if yardstick is not None:
            self.yardstick.append(yardstick)

    @property
    def ratios(self) -> list[float]:
        """Round by round, since what disturbs the machine disturbs both halves of a round."""
        if not self.yardstick:
            return []
        return [ours / theirs for ours, theirs in zip(self.measured, self.yardstick, strict=True)]

    @property
    def result(self) -> str:
        if self.goal is None or not self.ratios:
            return ""
        return "pass" if self.goal.met(median(self.ratios)) else "MISS"

    def cells(self) -> tuple[str, ...]:
        return (
            self.name,
            f"{spread(self.measured, figure)} {self.unit}",
            spread(self.yardstick, figure),
            self.against,
            spread(self.ratios, "{:.2f}".format) if self.ratios else "",
            str(self.goal or ""),
            self.result,
        )


def figure(value: float) -> str:
    """Write a value with three digits or so."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Write the median, and the smallest and largest value if they differ."""
    if not values:
        return ""
    middle, least, most = write(median(values)), write(min(values)), write(max(values))
    return middle if least == most else f"{middle} ({least}–{most})"


def text(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table for a terminal, then the notes."""
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
    yield ""
    yield from notes(rows)


def notes(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the notes about single rows."""
    yield from (f"{row.name}: {row.note}" for row in rows if row.note)


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table for a document, then the notes as a list."""
    yield "| " + " | ".join(HEAD) + " |"
    yield "|" + "---|" * len(HEAD)
    yield from ("| " + " | ".join(row.cells()) + " |" for row in rows)
    yield ""
    yield from (f"- {note}" for note in notes(rows))
