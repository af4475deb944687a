"""Explaining an anomaly: the verdict on its entry, computed again from its evidence, and the verdict on its total."""

from dataclasses import dataclass

from kumo.domain import detectors, explaining
from kumo.domain.anomalies import Anomaly, find_first_period
from kumo.domain.evidence import Evidence
from kumo.domain.explaining import Explained
from kumo.domain.total_explaining import explain_total
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.engine.queries import lookup
from kumo.engine.queries.views import AnomalyState
from kumo.errors import ConflictError, NotFoundError
from kumo.services import Services
from kumo.store import anomalies, entries, things, timeline


@dataclass(frozen=True, slots=True)
class ExplainedAnomaly:
    """An anomaly in words, with the evidence of what opened it, and its first anomalous day.

    `explained` is None if the evidence is not stored or of a detector of a newer version, `period` if it has no day
    with an anomalous total. `drivers` are contributors (names with micros). `is_of_total`: a total opened it.
    """

    state: AnomalyState
    words: tuple[str, ...]
    evidence: Evidence | None
    explained: Explained | None
    period: JudgedPeriod | None
    drivers: tuple[tuple[str, int], ...]
    is_of_total: bool


def explain(services: Services, anomaly_id: str) -> ExplainedAnomaly:
    """Explain why an anomaly was opened; raise `NotFoundError`, `ConflictError`."""
    state = lookup.find_anomaly(services, anomaly_id)
    anomaly, is_of_total = state.anomaly, find_first_period(anomaly_id) is not None
    evidence = anomalies.evidence(services.store, anomaly.series_id, anomaly_id)
    if not is_of_total:
        _require(anomaly_id, evidence)
    period = _find_period(services, anomaly)
    if is_of_total and period is None:
        raise NotFoundError(f"The verdicts on the days of anomaly {anomaly_id} are no longer stored.")
    drivers = _read_drivers(services, anomaly, period if is_of_total else None, evidence)
    explained = (
        explaining.explain(evidence, state.subject.currency, drivers, of_total=is_of_total)
        if evidence and evidence.detector in detectors.DETECTORS
        else None
    )
    of_period = list(explain_total(anomaly, period, state.subject)) if period else []
    of_entry = list(explained.words) if explained else []
    # What opened it comes first; a total has its own sentence for the verdict.
    words = [*of_period, *of_entry[1:]] if is_of_total else [*of_entry, *of_period]
    return ExplainedAnomaly(state, tuple(words), evidence, explained, period, drivers, is_of_total)


def _require(anomaly_id: str, evidence: Evidence | None) -> None:
    if evidence is None:
        raise NotFoundError(f"The evidence of anomaly {anomaly_id} is no longer stored.")
    if evidence.detector not in detectors.DETECTORS:
        raise ConflictError(
            f"Anomaly {anomaly_id} was judged by {evidence.detector!r:.80}, which only a newer version of Kumo knows."
        )


def _find_period(services: Services, anomaly: Anomaly) -> JudgedPeriod | None:
    """Return the first anomalous day of an anomaly; if none is left, its first day as it is judged now."""
    first, last = anomaly.first_period, anomaly.last_period
    if first is None or last is None:
        return None
    judged = things.read_periods(services.store, [anomaly.series_id], first, last)[anomaly.series_id]
    anomalous = (period for period in judged.values() if period.status is TotalStatus.ANOMALY)
    return next(anomalous, judged.get(first))


def _read_drivers(
    services: Services, anomaly: Anomaly, period: JudgedPeriod | None, evidence: Evidence | None
) -> tuple[tuple[str, int], ...]:
    """Read the contributors of the entry that opened an anomaly, or of the only entry of its day."""
    if period is not None:
        day = anomaly.series_id, period.number
        numbers = [place.seq for place in timeline.read_days(services.store, [day], 2)[day]]
    else:
        numbers = [evidence.arrival.entry_seq] if evidence else []
    if len(numbers) != 1:
        return ()
    [drivers] = entries.contributors(services.store, [(anomaly.series_id, numbers[0])])
    return drivers
