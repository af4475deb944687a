"""What can be wrong, by name: the rows of the report that must be zero."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

LOST: Final = "entries lost"
TWICE: Final = "entries counted twice"
SUMS: Final = "windows or totals that differ"
TOTALS: Final = "totals of series or groups that differ"
LISTS: Final = "entries or anomalies that filters do not find"
VERDICTS: Final = "verdicts that differ"
VERDICTS_OF_TOTALS: Final = "verdicts on totals that differ"
PROGRESS: Final = "progress of providers that differs"
EPISODES: Final = "anomalies or alerts that differ"
UNTOLD: Final = "anomalies worth an alert, without one"
UNALERTED: Final = "alerts not sent"
DOUBLED: Final = "alerts repeated without cause"
UNMARKED: Final = "repeats that do not say so"
UNFINISHED: Final = "work left over"
FAULTS: Final = "answers or ends that should not be"
CHECKS: Final = (
    *(LOST, TWICE, SUMS, TOTALS, LISTS, VERDICTS, VERDICTS_OF_TOTALS, PROGRESS, EPISODES),
    *(UNTOLD, UNALERTED, DOUBLED, UNMARKED, UNFINISHED, FAULTS),
)


@dataclass
class Findings:
    """The faults, by check; `entries`, `anomalies` and so on are the numbers of checked items."""

    wrong: dict[str, list[str]] = field(default_factory=lambda: {check: [] for check in CHECKS})
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return not any(self.wrong.values())
