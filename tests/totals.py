"""Anomalies of totals on order: as the judge of totals would store them, with their alerts."""

from collections.abc import Sequence
from itertools import count

from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import Group
from kumo.domain.judging import Cause
from kumo.domain.subjects import Subject
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.domain.tracking import Rules, track
from kumo.domain.worth import NotSent
from kumo.engine import ingest
from kumo.engine.totals import alerts
from kumo.services import Services
from kumo.store import feed
from kumo.store.feed import Slice
from kumo.store.period_codec import pack_period
from kumo.store.series import DAYS

UNIT = 10**6
DAY = 20_000  # 4 October 2024
ANOMALOUS = JudgedPeriod(
    number=DAY,
    micros=400 * UNIT,
    status=TotalStatus.ANOMALY,
    usual=100 * UNIT,
    limit=150 * UNIT,
    score=12.5,
    threshold=3.0,
    detector="adaptive",
    cause=Cause.THRESHOLD,
    chance=0.00001,
)
# Three calm days that close an anomaly.
CALM = [
    ANOMALOUS._replace(number=number, micros=100 * UNIT, status=TotalStatus.NORMAL)
    for number in range(DAY + 10, DAY + 13)
]

_numbers = count()


def store_anomaly(
    services: Services, subject: Subject, *periods: JudgedPeriod, reason: NotSent | None = None
) -> Anomaly:
    """Store the anomaly of these periods of a series or group, with its alert; returns it."""
    rules = Rules(
        thing_id=subject.id,
        calm_to_close=3,
        find_reason=lambda _: reason,
        is_too_old=lambda _: False,
        group=subject if isinstance(subject, Group) else None,
    )
    found = track([], list(periods) or [ANOMALOUS], rules)
    built = alerts.build_alerts(services, found.alerts, {subject.id: periods[-1].number if periods else DAY + 1})
    [anomaly] = found.changed
    _store_periods(services, subject.id, periods or [ANOMALOUS])
    opened = {subject.id: found.open.id if found.open else ""}
    _commit(services, subject.id, Slice(anomalies={anomaly.id: anomaly}, alerts=built, open=opened))
    partition = services.store.partition(subject.id)
    services.store.client.zadd(partition.episodes + subject.id, {anomaly.id: anomaly.reach})
    return anomaly


def _store_periods(services: Services, thing_id: str, periods: Sequence[JudgedPeriod]) -> None:
    family = services.store.partition(thing_id).periods
    for each in periods:
        services.store.client.hset(f"{family}{thing_id}:{each.number // DAYS}", each.number % DAYS, pack_period(each))


def _commit(services: Services, thing_id: str, judged: Slice) -> None:
    """Commit a slice in the partition of a series or group: it takes an arrival there."""
    partition = services.store.partition(thing_id)
    names = (Series(f"other {number}", "USD") for number in _numbers)
    other = next(one for one in names if services.store.partition(one.id) == partition)
    [recorded] = ingest.ingest(services, [Entry(other, UNIT, DAY * DAY_MS)])
    cursor, arrivals = feed.pending(services.store, partition, 10)
    assert [arrival.series_id for arrival in arrivals] == [recorded.id[:16]]
    assert feed.commit(services.store, partition, cursor, arrivals[-1].seq, judged) is not None


def period(number: int, units: float) -> JudgedPeriod:
    """Return an anomalous day with another amount."""
    return ANOMALOUS._replace(number=number, micros=round(units * UNIT))
