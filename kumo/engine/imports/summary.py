"""The result of an import after judging: its anomalies, and one alert for all of its old days."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from kumo.domain import money
from kumo.domain.alerts import Alert, AlertKind, Delivery, ImportSummary, OldAnomaly
from kumo.domain.anomalies import Anomaly, AnomalyStatus
from kumo.domain.imports import Import
from kumo.domain.judging import Status, Verdict
from kumo.engine import delivery
from kumo.services import Services
from kumo.store import anomalies, entries, outbox, scopes, series

TOP: Final = 5


def count_anomalies(services: Services, row: Import, names: Sequence[str], quiet_before: int) -> Import:
    """Count the anomalies and the learning entries of an import; raise one alert for all old days.

    Days before `quiet_before` (ms) are old and raise no alerts of their own. The alert has the id of the
    import, so that it is raised only once.
    """
    held = [
        (place, each.seq)
        for places in scopes.read_held(services.store, names).values()
        for place, each in places.items()
        if each.changer == row.number
    ]
    verdicts = entries.verdicts(services.store, [(place.series_id, seq) for place, seq in held])
    found = _find_anomalies(services, verdicts)
    old = [(place, seq) for place, seq in held if place.start < quiet_before]
    if old:
        quiet = [anomaly for anomaly in found if not anomaly.alerts]
        _raise_alert(services, row, len(old), quiet)
    learning = sum(verdict is not None and verdict.status is Status.LEARNING for verdict in verdicts)
    return replace(row, learning=learning, anomalies=len(found))


def _find_anomalies(services: Services, verdicts: Sequence[Verdict | None]) -> list[Anomaly]:
    ids = dict.fromkeys(verdict.anomaly for verdict in verdicts if verdict and verdict.anomaly)
    found = anomalies.read(services.store, list(ids))
    return [anomaly for anomaly in found if anomaly.status is not AnomalyStatus.WITHDRAWN]


def _raise_alert(services: Services, row: Import, count: int, quiet: Sequence[Anomaly]) -> None:
    summary = ImportSummary(
        name=row.name,
        first_day=row.first_day,
        last_day=row.last_day,
        services=row.services,
        entries=count,
        money=tuple((currency, money.to_micros(Decimal(text))) for currency, text in row.money.items()),
        anomalies=len(quiet),
        largest=tuple(_describe(services, sorted(quiet, key=lambda each: (-each.impact, each.id))[:TOP])),
    )
    to_default = Delivery(services.channels.default)
    alert = Alert(f"import-{row.id}-1", AlertKind.IMPORTED, summary, delivery=to_default)
    if outbox.add(services.store, alert):
        delivery.enqueue(services)


def _describe(services: Services, largest: Sequence[Anomaly]) -> Iterable[OldAnomaly]:
    known = series.identities(services.store, [anomaly.series_id for anomaly in largest])
    for anomaly in largest:
        identity = known[anomaly.series_id]
        yield OldAnomaly(
            service=identity.service,
            account=identity.account,
            currency=identity.currency,
            impact=anomaly.impact,
            timestamp=anomaly.first_seen,
        )
