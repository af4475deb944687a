"""Whether every promise was kept, to the last entry: the state compared with what the clients and Slack know."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from kumo.domain import moments, money
from kumo.domain import policies as domain
from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import Series, entry_id
from kumo.domain.judging import Verdict
from kumo.engine import selection
from kumo.engine.detection import policies
from kumo.engine.ops import verification
from kumo.store import series as store_series
from tests.chaos import deliveries
from tests.chaos.book import Book
from tests.chaos.evidence import Evidence, unfinished
from tests.chaos.findings import EPISODES, FAULTS, LISTS, LOST, SUMS, TWICE, UNFINISHED, VERDICTS, Findings
from tests.chaos.reference import Story, tell
from tests.store import indexes

SHOWN: Final = ("status", "n", "mean", "stddev", "z", "score", "threshold", "detector", "cause", "anomaly")


def stories(book: Book, evidence: Evidence) -> dict[str, Story]:
    """Compute the expected result of every series."""
    services = evidence.services
    asked = [kept.policy for kept in policies.list_all(services)]
    return {
        series.id: tell(
            series.id,
            book.in_order(series),
            selection.detector_of(services, domain.choose_policy(asked, series, {})),
            services.store.window,
        )
        for series in book.arrivals
    }


def check(book: Book, evidence: Evidence) -> Findings:
    """Check everything; Kumo must be quiet."""
    findings = Findings()
    findings.wrong[FAULTS] += book.faults
    findings.wrong[UNFINISHED] += unfinished(evidence.services)
    deliveries.check(check_entries(book, evidence, findings), evidence, findings)
    return findings


def check_entries(book: Book, evidence: Evidence, findings: Findings) -> dict[str, Story]:
    """Compare the entries, their windows, their totals, their verdicts and anomalies; returns the named stories."""
    told = stories(book, evidence)
    findings.wrong[FAULTS] += [fault for story in told.values() for fault in story.faults]
    rows = {row["id"]: row for row in evidence.pages("/costs/?limit=1000")}
    findings.seen["entries"] = len(rows)
    _compare_amounts(told, rows, findings)
    findings.wrong[SUMS] += [
        *verification.differences(evidence.services),
        *_windows(told, evidence),
        *_days(told, evidence),
    ]
    findings.wrong[LISTS] += indexes.differences(evidence.services.store)
    renamed = _with_names(told, evidence, findings)
    for story in renamed.values():
        findings.wrong[VERDICTS] += _verdicts(story, rows)
    findings.wrong[EPISODES] += _episodes(renamed, evidence.anomalies())
    findings.seen["anomalies"] = sum(len(story.anomalies) for story in renamed.values())
    return renamed


def _compare_amounts(told: dict[str, Story], rows: dict[str, dict[str, Any]], findings: Findings) -> None:
    expected = {
        (entry_id(story.series_id, seq), money.exact(amount))
        for story in told.values()
        for seq, (_, amount) in story.amounts.items()
    }
    found = {(name, row["amount_exact"]) for name, row in rows.items()}
    findings.wrong[LOST] += [f"{name} of {amount}" for name, amount in sorted(expected - found)]
    findings.wrong[TWICE] += [f"{name} of {amount} was never acknowledged" for name, amount in sorted(found - expected)]


def _windows(told: dict[str, Story], evidence: Evidence) -> Iterator[str]:
    """Compare n, Σx and Σx² of every window, as the API shows them."""
    shown = {row["id"]: (row["n"], row["sum"], row["sum_of_squares"]) for row in evidence.pages("/series/?limit=1000")}
    for name in sorted(told.keys() | shown.keys()):
        window = told[name].window(evidence.services.store.window) if name in told else moments.EMPTY
        expected = (window.n, money.exact(window.total), money.exact_square(window.squares))
        if shown.get(name) != expected:
            yield f"series {name} shows {shown.get(name)}, the clients' entries give {expected}"


def _days(told: dict[str, Story], evidence: Evidence) -> Iterator[str]:
    """Compare the totals of every day and currency."""
    currencies = {name: row.currency for name, row in _identities(told, evidence).items()}
    totals: Counter[tuple[str, str]] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for story in told.values():
        for timestamp, amount in story.amounts.values():
            key = (store_series.date_of(store_series.day_of(timestamp)).isoformat(), currencies[story.series_id])
            totals[key] += amount
            counts[key] += 1
    expected = {key: (money.exact(totals[key]), count) for key, count in counts.items()}
    if not expected:
        return
    first, last = min(expected)[0], max(expected)[0]
    rows, _ = evidence.get(f"/costs/summary?by=none&from={first}&to={last}")
    shown = {(row["date"], row["currency"]): (row["amount_exact"], row["entries"]) for row in rows}
    for key in sorted(expected.keys() | shown.keys()):
        if expected.get(key) != shown.get(key):
            yield f"{key} shows {shown.get(key)}, the clients' entries give {expected.get(key)}"


def _identities(told: dict[str, Story], evidence: Evidence) -> dict[str, Series]:
    return store_series.identities(evidence.services.store, list(told))


def _with_names(told: dict[str, Story], evidence: Evidence, findings: Findings) -> dict[str, Story]:
    """Give the expected anomalies the names of the found ones; report a series with too many or too few of them."""
    names: dict[str, list[str]] = {}
    for anomaly in evidence.anomalies():
        names.setdefault(anomaly.series_id, []).append(anomaly.id)
    renamed = {}
    for name, story in told.items():
        found = names.get(name, [])
        if len(found) == len(story.anomalies):
            renamed[name] = story.renamed(found)
        else:
            findings.wrong[EPISODES].append(f"series {name} has {found}, expected are {list(story.anomalies)}")
    return renamed


def _verdicts(story: Story, rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    for seq, verdict in story.verdicts.items():
        name = entry_id(story.series_id, seq)
        expected = _shown(verdict)
        found = tuple(rows[name][field] for field in SHOWN) if name in rows else None
        if found is not None and found != expected:
            yield f"{name} shows {found}, judged in order it is {expected}"


def _shown(verdict: Verdict) -> tuple[object, ...]:
    return (
        *(str(verdict.status), verdict.n, verdict.mean, verdict.stddev),
        *(verdict.z, verdict.score, verdict.threshold, verdict.detector, verdict.cause, verdict.anomaly),
    )


def _episodes(told: dict[str, Story], found: list[Anomaly]) -> Iterator[str]:
    expected = {name: row for story in told.values() for name, row in story.anomalies.items()}
    for anomaly in found:
        if anomaly.id in expected and expected[anomaly.id] != anomaly:
            yield f"anomaly {anomaly} should be {expected[anomaly.id]}"
