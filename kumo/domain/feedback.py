"""What people say of an anomaly, and what the judge makes of it."""

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
        """Whether it is no cause for alarm: what was planned or a false alarm is to be expected from now on."""
        return self is not Word.TRUE_POSITIVE


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was said of an anomaly last: by whom (the name of an API key, or nobody's), and when in ms."""

    word: Word
    comment: str = ""
    by: str = ""
    given_at: int = 0


def precision(counts: Mapping[Word, int]) -> float | None:
    """Return the share of true ones among the anomalies that people called true or false; None where there are none.

    What was planned is neither: it did jump, and was known.
    """
    judged = counts.get(Word.TRUE_POSITIVE, 0) + counts.get(Word.FALSE_POSITIVE, 0)
    return counts.get(Word.TRUE_POSITIVE, 0) / judged if judged else None
