"""The results of queries, and the query itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import Entry, Series
from kumo.domain.feedback import Feedback
from kumo.domain.groups import Group
from kumo.domain.judging import Status, Verdict
from kumo.domain.moments import Moments
from kumo.domain.paging import Position
from kumo.domain.subjects import Subject
from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.domain.totals.folding import JudgedPeriod
from kumo.domain.totals.periods import Period

Row = TypeVar("Row")

END_OF_TIME: int = 2**53 - 1


class PeriodStatus(StrEnum):
    """The status of a total as shown.

    `pending`: it has changed and waits for the judge. `unjudged`: totals of this kind are summed and not judged.
    `excluded`: all its costs are no usage.
    """

    LEARNING = "learning"
    RUNNING = "running"
    NORMAL = "normal"
    ANOMALY = "anomaly"
    PENDING = "pending"
    UNJUDGED = "unjudged"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodState:
    """The total of a period, and its verdict if there is one. `excluded` are its costs that are not judged."""

    period: Period
    total: PeriodTotal
    excluded: PeriodTotal = NOTHING
    status: PeriodStatus
    verdict: JudgedPeriod | None = None


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group with its id, and its newest period with costs; with `periods`, those that were asked for."""

    id: str
    group: Group
    newest: PeriodState | None
    periods: Sequence[PeriodState] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """An entry as shown: its id, its series' id, its verdict if there is one, and the total of its day."""

    id: str
    series_id: str
    entry: Entry
    verdict: Verdict | None = None
    total: PeriodState | None = None

    @property
    def status(self) -> Status:
        """The status of its verdict. Charges that are not usage get no verdict."""
        if self.entry.series.charge_category:
            return Status.EXCLUDED
        return self.verdict.status if self.verdict else Status.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesState:
    """A series, its current window, and its newest day; times in ms, None if it has no entries."""

    id: str
    series: Series
    moments: Moments
    first_at: int | None
    last_at: int | None
    newest: PeriodState | None = None


@dataclass(frozen=True, slots=True)
class AnomalyState:
    """An anomaly, its series or group, and the last feedback."""

    anomaly: Anomaly
    subject: Subject
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTotal:
    """The total of one day for `key`: a service, an account, …; `amount` in micros.

    `key` is None for the sum of all but the largest. `names` has the parts of a key of two fields, by field. It is not
    `complete` if some of the amount has no known value.
    """

    date: date
    key: str | None
    currency: str
    amount: int
    entries: int
    complete: bool = True
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """The filters of a listing: fields of the series, tag values, times in ms from `low` to `high` included.

    `status` is that of a verdict for costs, else that of the anomaly or the alert. `after` is the `next` of the
    previous page.
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
    """Rows; the position after which there may be more, and the number of rows still to skip."""

    rows: Sequence[Row]
    next: Position | None = None
    skip: int = 0
