"""Whether anomalies are what the totals and entries at rest give, and each has the alert that it is worth."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kumo.domain.alerts import Alert, AlertKind, AlertStatus
from kumo.domain.anomalies import Anomaly, AnomalyStatus
from kumo.domain.detectors import Detector
from kumo.domain.matching import is_gone
from kumo.domain.totals.chain import compute_fingerprint, unpack
from kumo.domain.totals.episodes import Episode, find_episodes
from kumo.domain.totals.periods import Grain
from kumo.services import Services
from kumo.store import things
from kumo.store.series import day_of
from tests.chaos.findings import EPISODES, UNTOLD, Findings


@dataclass(frozen=True, slots=True)
class EntryPart:
    """An entry's part in an anomaly: the impact in micros of an anomalous one that is not judged by its day."""

    anomaly: str
    impact: int


def check(
    detectors: Mapping[str, Detector[Any]],
    found: Sequence[Anomaly],
    parts: Sequence[EntryPart],
    services: Services,
    findings: Findings,
) -> None:
    """Compare the anomalies with the verdicts of entries and totals, which are right; `detectors` are by thing."""
    findings.seen["anomalies"] = len(found)
    findings.seen["anomalies of groups"] = sum(1 for anomaly in found if anomaly.group)
    by_thing: dict[str, list[Anomaly]] = defaultdict(list)
    for anomaly in found:
        by_thing[anomaly.series_id].append(anomaly)
    findings.wrong[EPISODES] += _entries(found, parts)
    for thing, detector in detectors.items():
        findings.wrong[EPISODES] += _periods(by_thing[thing], _find_episodes(services, thing, detector))
    live = [anomaly for anomaly in found if anomaly.status is not AnomalyStatus.WITHDRAWN and _counts(anomaly)]
    findings.wrong[UNTOLD] += [f"{anomaly} was never alerted" for anomaly in live if not anomaly.told]


def _counts(anomaly: Anomaly) -> bool:
    return bool(anomaly.periods or anomaly.entries)


def _entries(found: Sequence[Anomaly], parts: Sequence[EntryPart]) -> Iterator[str]:
    """Yield the anomalies whose entries are not those with that verdict: lost ones, or counted twice."""
    counts: dict[str, list[int]] = defaultdict(list)
    for part in parts:
        counts[part.anomaly].append(part.impact)
    for anomaly in found:
        impacts = counts.pop(anomaly.id, [])
        if (anomaly.entries, anomaly.total_impact) != (len(impacts), sum(impacts)):
            yield f"{anomaly} has {len(impacts)} entries, with an impact of {sum(impacts)} in all"
    yield from (f"{name} has {len(impacts)} entries and does not exist" for name, impacts in counts.items())


def _find_episodes(services: Services, thing: str, detector: Detector[Any]) -> list[Episode]:
    store = services.store
    row = things.read_rows(store, store.partition(thing), [thing])[thing]
    chain = unpack(row.days, Grain.DAY, compute_fingerprint(detector, services.settings.window))
    periods = things.read_periods(store, [thing], 0, day_of(services.clock()) + 2)[thing]
    return find_episodes(periods.values(), detector.calm_to_close(detector.unpack(chain.state)))


def _periods(found: Sequence[Anomaly], episodes: Sequence[Episode]) -> Iterator[str]:
    """Yield the episodes that have no anomaly, or two, and the anomalies of no episode."""
    shown = {(row.first_period, row.last_period, row.periods, row.excess): row for row in found if row.periods}
    if len(shown) != sum(1 for row in found if row.periods):
        yield f"two anomalies of the same days: {[row for row in found if row.periods]}"
    for episode in episodes:
        key = (episode.first, episode.last, episode.periods, episode.impact)
        anomaly = shown.pop(key, None)
        if anomaly is None or is_gone(anomaly) or anomaly.part_of:
            yield f"{episode} has no anomaly among {[row for row in found if row.periods]}"
        elif episode.closed is not (anomaly.status is AnomalyStatus.CLOSED):
            yield f"{anomaly} should be {'closed' if episode.closed else 'open'}"
    yield from (f"{anomaly} has no episode among {episodes}" for anomaly in shown.values())


def check_alerts(found: Sequence[Anomaly], alerts: Mapping[str, Alert], findings: Findings) -> None:
    """Compare the raised alerts with the numbers that the anomalies have given out."""
    known = {anomaly.id: anomaly for anomaly in found}
    by_anomaly: dict[str, dict[int, Alert]] = defaultdict(dict)
    for name, alert in alerts.items():
        if alert.spend is not None:
            anomaly, number = name.rsplit("-", 1)
            by_anomaly[anomaly][int(number)] = alert
    for anomaly in by_anomaly.keys() - known.keys():
        findings.wrong[EPISODES].append(f"alerts {list(by_anomaly[anomaly])} of {anomaly}, which does not exist")
    for anomaly in found:
        findings.wrong[EPISODES] += _numbered(anomaly, by_anomaly[anomaly.id])


def _numbered(anomaly: Anomaly, alerts: Mapping[int, Alert]) -> Iterator[str]:
    """Yield what is wrong with the alerts of an anomaly. Those that nobody saw may be cancelled, or never raised."""
    if alerts.keys() - set(range(1, anomaly.alerts + 1)):
        yield f"alerts {sorted(alerts)} of {anomaly}"
    told = False
    for number, alert in sorted(alerts.items()):
        if alert.delivery.status is AlertStatus.CANCELLED:
            continue
        if told is (alert.kind is AlertKind.OPENED):
            yield f"alert {number} of {anomaly} is {alert.kind}, and {'one' if told else 'none'} stands"
        told = alert.kind is not AlertKind.WITHDRAWN
    if told is not anomaly.told and not anomaly.part_of:
        yield f"{'an' if told else 'no'} alert of {anomaly} stands"
