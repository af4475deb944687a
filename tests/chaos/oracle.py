"""Whether every promise was kept, to the last entry: the state compared with what the clients and Slack know."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kumo.domain import money
from kumo.domain import policies as domain
from kumo.domain.detectors import Detector
from kumo.domain.entries import DAY_MS, Series, entry_id, parse_entry_id
from kumo.domain.groups import ALL, Group
from kumo.domain.judging import Verdict
from kumo.engine import selection
from kumo.engine.detection import policies
from kumo.engine.ops import verification
from kumo.services import Services
from kumo.store import feed
from kumo.store import series as store_series
from tests.chaos import deliveries, episodes, totals
from tests.chaos.book import Book
from tests.chaos.episodes import EntryPart
from tests.chaos.evidence import Evidence, unfinished
from tests.chaos.findings import FAULTS, LISTS, LOST, SUMS, TWICE, UNFINISHED, VERDICTS, Findings
from tests.chaos.reference import Story, tell
from tests.store import indexes

OF_WINDOW: Final = ("n", "mean", "stddev", "z")
SHOWN: Final = (*OF_WINDOW, "status", "score", "threshold", "detector", "cause")


def _choose_detectors(series: Iterable[Series], services: Services) -> dict[str, Detector[Any]]:
    asked = [kept.policy for kept in policies.list_all(services)]
    return {each.id: selection.detector_of(services, domain.choose_policy(asked, each, {})) for each in series}


def check(book: Book, evidence: Evidence) -> Findings:
    """Check everything; Kumo must be quiet."""
    findings, services = Findings(), evidence.services
    findings.wrong[FAULTS] += book.faults
    findings.wrong[UNFINISHED] += unfinished(services)
    detectors = _choose_detectors({*book.arrivals, *(entry.series for entry in book.bill)}, services)
    told = {
        series.id: tell(series, book.in_order(series), detectors[series.id], services.store.window)
        for series in book.arrivals
    }
    findings.wrong[FAULTS] += [fault for story in told.values() for fault in story.faults]
    rows = {row["id"]: row for row in evidence.pages("/costs/?limit=1000")}
    findings.seen["entries"] = len(rows)
    _compare_amounts(told, book, rows, findings)
    findings.wrong[SUMS] += [*verification.differences(services), *_windows(told, evidence)]
    findings.wrong[LISTS] += indexes.differences(services.store)
    expected = totals.expect(book, told, services)
    findings.wrong[SUMS] += _days(expected, evidence)
    judged = totals.check(expected, detectors, services, findings)
    for story in told.values():
        findings.wrong[VERDICTS] += _verdicts(story, rows)
    anomalies, alerts = evidence.anomalies(), {alert.id: alert for alert in evidence.alerts()}
    episodes.check(judged, anomalies, list(_parts(rows, services)), services, findings)
    episodes.check_alerts(anomalies, alerts, findings)
    deliveries.check(alerts, evidence, findings)
    return findings


def _compare_amounts(told: dict[str, Story], book: Book, rows: dict[str, dict[str, Any]], findings: Findings) -> None:
    expected = {
        (entry_id(story.series_id, seq), money.exact(amount))
        for story in told.values()
        for seq, (_, amount) in story.amounts.items()
    }
    billed = {entry.series.id for entry in book.bill}
    found = {(name, row["amount_exact"]) for name, row in rows.items() if name[:16] not in billed}
    findings.wrong[LOST] += [f"{name} of {amount}" for name, amount in sorted(expected - found)]
    findings.wrong[TWICE] += [f"{name} of {amount} was never acknowledged" for name, amount in sorted(found - expected)]


def _windows(told: dict[str, Story], evidence: Evidence) -> Iterator[str]:
    """Compare n, Σx and Σx² of every window, as the API shows them."""
    shown = {row["id"]: (row["n"], row["sum"], row["sum_of_squares"]) for row in evidence.pages("/series/?limit=1000")}
    for name in sorted(told):  # in which order the costs of a bill came, no client knows
        window = told[name].window()
        expected = (window.n, money.exact(window.total), money.exact_square(window.squares))
        if shown.get(name) != expected:
            yield f"series {name} shows {shown.get(name)}, the clients' entries give {expected}"


def _days(expected: totals.Expected, evidence: Evidence) -> Iterator[str]:
    """Compare the totals of every day and currency, as the API shows them."""
    days = {
        (store_series.date_of(day).isoformat(), subject.currency): (money.exact(total.micros), total.entries)
        for thing, subject in expected.subjects.items()
        if isinstance(subject, Group) and subject.dimension == ALL
        for day, total in expected.totals[thing].items()
        if total.exists
    }
    if not days:
        return
    first, last = min(days)[0], max(days)[0]
    rows, _ = evidence.get(f"/costs/summary?by=none&from={first}&to={last}")
    shown = {(row["date"], row["currency"]): (row["amount_exact"], row["entries"]) for row in rows}
    for key in sorted(days.keys() | shown.keys()):
        if days.get(key) != shown.get(key):
            yield f"{key} shows {shown.get(key)}, the clients' entries give {days.get(key)}"


def _verdicts(story: Story, rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Compare the verdicts of entries; the status of one that is judged by its day is that of the day."""
    for seq, verdict in story.verdicts.items():
        name = entry_id(story.series_id, seq)
        expected = _shown(verdict)
        found = tuple(rows[name][field] for field in SHOWN) if name in rows else None
        if found is None:
            continue
        if verdict.of_total:
            alone = story.days[story.amounts[seq][0] // DAY_MS] == 1
            found, expected = found[: len(OF_WINDOW)], expected[: len(OF_WINDOW)]
            if alone and (rows[name]["status"] == "anomaly") is not (rows[name]["total"]["status"] == "anomaly"):
                yield f"{name} is {rows[name]['status']}, its day {rows[name]['total']}"
            if rows[name]["status"] == "pending":
                yield f"{name} is pending"
        if found != expected:
            yield f"{name} shows {found}, judged in order it is {expected}"


def _shown(verdict: Verdict) -> tuple[object, ...]:
    return (
        *(verdict.n, verdict.mean, verdict.stddev, verdict.z),
        *(str(verdict.status), verdict.score, verdict.threshold, verdict.detector, verdict.cause),
    )


def _parts(rows: dict[str, dict[str, Any]], services: Services) -> Iterator[EntryPart]:
    """Yield the entries that anomalies consist of, with their impacts."""
    names = [found for name, row in rows.items() if row["anomaly"] and (found := parse_entry_id(name))]
    for verdict in feed.verdicts(services.store, names).values():
        if verdict.anomaly and not verdict.of_total:
            yield EntryPart(verdict.anomaly, verdict.impact or 0)
