"""The alerts about totals: the figures of each, and the entry and its contributors if the total has only one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from kumo.domain import money
from kumo.domain.alerts import Alert, Delivery, SpendChange
from kumo.domain.entries import DAY_MS, Series
from kumo.domain.groups import Group
from kumo.domain.subjects import Subject, describe_scope, read_scope
from kumo.domain.total_change import TotalChange
from kumo.domain.totals.periods import Grain, number_period
from kumo.domain.tracking import Raised
from kumo.services import Services
from kumo.store import entries, series, timeline

DRIVERS: Final = 3
UNKNOWN: Final = Series("", "")


def build_alerts(
    services: Services,
    raised: Sequence[Raised],
    running: Mapping[str, int],
    arrived: Mapping[str, int] | None = None,
    new_values: Mapping[str, Sequence[str]] | None = None,
) -> list[Alert]:
    """Build the alerts about totals.

    `running` has the first running day of each series or group, `arrived` when the newest cost of a series arrived, in
    ms, if that is known. `new_values` has the values of a tag that an anomaly reports, by its id.
    """
    anomalies = [each.anomaly for each in raised]
    named = [each.series_id for each in anomalies] + [name for each in anomalies for name, _ in each.offset_by]
    known = series.identities(services.store, named)
    delivery = Delivery(services.channels.default)
    built = []
    for each, (entry, contributors) in zip(raised, _find_entries(services, raised), strict=True):
        anomaly = each.anomaly
        subject: Subject = anomaly.group or known.get(anomaly.series_id, UNKNOWN)
        total = _describe_total(each, subject, running, known, (new_values or {}).get(anomaly.id, ()))
        content = _build_content(each, subject, total)
        arrived_at = (arrived or {}).get(anomaly.series_id, 0)
        content = replace(content, arrived_at=arrived_at, entry=entry, contributors=contributors[:DRIVERS])
        built.append(Alert(f"{anomaly.id}-{anomaly.alerts}", each.kind, content, 0, delivery))
    return built


def _find_entries(services: Services, raised: Sequence[Raised]) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    """Yield the only entry of a series' day, and what it consists of, for each alert; nothing for others."""
    days = [(each.anomaly.series_id, _number(each)) for each in raised if not each.anomaly.group]
    read = timeline.read_days(services.store, days, 2)
    places = {day: places[0] for day, places in read.items() if len(places) == 1}
    wanted = [(place.series_id, place.seq) for place in places.values()]
    found = dict(zip(wanted, entries.contributors(services.store, wanted), strict=True))
    for each in raised:
        place = places.get((each.anomaly.series_id, _number(each)))
        yield (place.id, found[place.series_id, place.seq]) if place else ("", ())


def _describe_total(
    raised: Raised,
    subject: Subject,
    running: Mapping[str, int],
    known: Mapping[str, Series],
    new_values: Collection[str],
) -> TotalChange:
    anomaly, period, number = raised.anomaly, raised.period, _number(raised)
    return TotalChange(
        scope=read_scope(subject),
        group=anomaly.series_id if anomaly.group else "",
        period=number_period(number, Grain.DAY).text,
        usual=period.usual if period else None,
        limit=period.limit if period else None,
        excess=anomaly.excess,
        periods=anomaly.periods,
        first_period=anomaly.first_period or number,
        last_period=anomaly.last_period or number,
        is_running=number >= running.get(anomaly.series_id, number + 1),
        falls=tuple((_name(known.get(name)), micros) for name, micros in anomaly.offset_by),
        new_values=tuple(new_values),
    )


def _number(raised: Raised) -> int:
    if raised.period:
        return raised.period.number
    anomaly = raised.anomaly
    return anomaly.last_seen // DAY_MS if anomaly.last_period is None else anomaly.last_period


def _name(identity: Series | None) -> str:
    return describe_scope(read_scope(identity), identity.currency) if identity else ""


def _build_content(raised: Raised, subject: Subject, total: TotalChange) -> SpendChange:
    period = raised.period
    return SpendChange(
        anomaly=raised.anomaly.id,
        entry="",
        series=_name_fields(subject),
        timestamp=_number(raised) * DAY_MS,
        amount=period.micros if period else 0,
        mean=money.units(total.usual or 0),
        score=period.score if period else None,
        detector=period.detector if period else "",
        cause=period.cause if period else None,
        impact=period.excess if period else 0,
        total=total,
    )


def _name_fields(subject: Subject) -> Series:
    """Return a series with the names that a subject fixes."""
    if isinstance(subject, Group):
        names = {name: value for name, value in read_scope(subject).items() if subject.tag is None}
        return Series(**{"service": "", "currency": subject.currency} | names)
    return subject
