"""What reading returns: entries and verdicts put together, and what may be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import Entry, Series
from kumo.domain.feedback import Feedback
from kumo.domain.judging import Status, Verdict
from kumo.domain.moments import Moments
from kumo.domain.paging import Position

Row = TypeVar("Row")

END_OF_TIME: int = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Cost:
    """An entry as it is shown: with its id, its series' id, and its verdict where there is one."""

    id: str
    series_id: str
    entry: Entry
    verdict: Verdict | None = None

    @property
    def status(self) -> Status:
        """What is known of it. What a bill calls anything but usage waits for no verdict."""
        if self.entry.series.charge_category:
            return Status.EXCLUDED
        return self.verdict.status if self.verdict else Status.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesState:
    """A series and its window as they stand; times in ms, None while it has no entries."""

    id: str
    series: Series
    moments: Moments
    first_at: int | None
    last_at: int | None


@dataclass(frozen=True, slots=True)
class AnomalyState:
    """An anomaly with the series that it befell, and what was said of it last."""

    anomaly: Anomaly
    series: Series
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTotal:
    """The total of one day, of what `key` names: a service, an account, …; `amount` in micros.

    `key` is None for the total of all but the largest. It is not `complete` where some of it is known under no name.
    """

    date: date
    key: str | None
    currency: str
    amount: int
    entries: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Query:
    """What a listing is asked for: fields of the series, values of tags, times in ms from `low` to `high` included.

    `status` is a verdict's status for costs, a phase for anomalies, a state for alerts. `after` is what the page before
    gave as `next`.
    """

    series: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    status: str | None = None
    low: int = 0
    high: int = END_OF_TIME
    newest_first: bool = True
    limit: int = 100
    skip: int = 0
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, and where there may be others: after which place, and how many of those are still to be left out."""

    rows: Sequence[Row]
    next: Position | None = None
    skip: int = 0
