"""Feedback of people on anomalies, and its meaning for the judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_COMMENT: Final = 1000


class Word(StrEnum):
    """A person's verdict on an anomaly."""

    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"
    PLANNED = "planned"

    @property
    def forgives(self) -> bool:
        """Whether similar costs are to be expected from now on, because the anomaly was planned or a false alarm."""
        return self is not Word.TRUE_POSITIVE


@dataclass(frozen=True, slots=True)
class Feedback:
    """The last feedback on an anomaly: by whom (the name of an API key, or empty), and when in ms."""

    word: Word
    comment: str = ""
    by: str = ""
    given_at: int = 0


def precision(counts: Mapping[Word, int]) -> float | None:
    """Return the share of true ones among the anomalies that people called true or false; None if there are none.

    Planned ones count as neither: they did jump, and were expected.
    """
    judged = counts.get(Word.TRUE_POSITIVE, 0) + counts.get(Word.FALSE_POSITIVE, 0)
    return counts.get(Word.TRUE_POSITIVE, 0) / judged if judged else None
