"""What an import brought, once it is judged: how many anomalies, and the one alert in place of many old ones."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from kumo.domain import money
from kumo.domain.alerts import Alert, Found, Imported, Kind
from kumo.domain.anomalies import Anomaly, Phase
from kumo.domain.imports import Import
from kumo.domain.judging import Status, Verdict
from kumo.engine import delivery
from kumo.services import Services
from kumo.store import anomalies, entries, outbox, scopes, series

TOP: Final = 5


def conclude(services: Services, row: Import, names: Sequence[str], quiet_before: int) -> Import:
    """Count what is learning and the anomalies of what an import brought. For old days, raise the one alert of them.

    Old are those from before `quiet_before` (ms): nobody was alerted about them one by one. The alert's id is the
    import's, so that it is raised once however often this is done.
    """
    held = [
        (place, each.seq)
        for places in scopes.read_held(services.store, names).values()
        for place, each in places.items()
        if each.changer == row.number
    ]
    verdicts = entries.verdicts(services.store, [(place.series_id, seq) for place, seq in held])
    found = _anomalies(services, verdicts)
    old = [(place, seq) for place, seq in held if place.start < quiet_before]
    if old:
        quiet = [anomaly for anomaly in found if not anomaly.alerts]
        _raise(services, row, len(old), quiet)
    learning = sum(verdict is not None and verdict.status is Status.LEARNING for verdict in verdicts)
    return replace(row, learning=learning, anomalies=len(found))


def _anomalies(services: Services, verdicts: Sequence[Verdict | None]) -> list[Anomaly]:
    ids = dict.fromkeys(verdict.anomaly for verdict in verdicts if verdict and verdict.anomaly)
    found = anomalies.read(services.store, list(ids))
    return [anomaly for anomaly in found if anomaly.phase is not Phase.WITHDRAWN]


def _raise(services: Services, row: Import, count: int, quiet: Sequence[Anomaly]) -> None:
    told = Imported(
        name=row.name,
        first_day=row.first_day,
        last_day=row.last_day,
        services=row.services,
        entries=count,
        money=tuple((currency, money.to_micros(Decimal(text))) for currency, text in row.money.items()),
        anomalies=len(quiet),
        found=tuple(_describe(services, sorted(quiet, key=lambda each: (-each.total_impact, each.id))[:TOP])),
    )
    alert = Alert(id=f"import-{row.id}-1", kind=Kind.IMPORTED, imported=told)
    if outbox.add(services.store, alert):
        delivery.ask(services)


def _describe(services: Services, largest: Sequence[Anomaly]) -> Iterable[Found]:
    known = series.identities(services.store, [anomaly.series_id for anomaly in largest])
    for anomaly in largest:
        identity = known[anomaly.series_id]
        yield Found(
            service=identity.service,
            account=identity.account,
            currency=identity.currency,
            impact=anomaly.total_impact,
            timestamp=anomaly.first_seen,
        )
