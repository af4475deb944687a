"""The figures as tables of Markdown."""

from collections.abc import Iterable, Sequence
from typing import Final

from tests.quality.score import Score

KINDS: Final = ("spike", "shift", "leak")
GRANULARITIES: Final = ("daily", "hourly", "entries")
HEAD: Final = (
    *("suite", "detector", "precision", "recall", "F1", "false alarms per series-month", "alerts per shift"),
    *("money caught", "recall: spike · shift · leak", "median delay: days · hours · entries"),
)


def row(suite: str, detector: str, score: Score) -> tuple[str, ...]:
    """Return the figures of a detector on a suite."""
    delays = (score.delay(granularity) for granularity in GRANULARITIES)
    return (
        *(suite, f"`{detector}`", f"{score.precision:.2f}", f"{score.recall:.2f}", f"**{score.f1:.3f}**"),
        *(f"{score.false_a_month:.3f}", f"{score.alerts_per_shift:.2f}", f"{score.money:.2f}"),
        " · ".join(f"{score.recall_of(kind):.2f}" if score.events[kind] else "–" for kind in KINDS),
        " · ".join("–" if delay is None else f"{delay:g}" for delay in delays),
    )


def text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
