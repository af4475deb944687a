"""Old costs, and costs that are taken out, as a table of sentences."""

from dataclasses import replace

import pytest

from kumo.domain import moments
from kumo.domain.alerts import AlertKind, quiet_before
from kumo.domain.anomalies import Anomaly, AnomalyStatus, Earlier, step
from kumo.domain.judging import Arrival, Mark, Status, Verdict

SERIES = "a" * 16
NORMAL = Verdict(
    status=Status.NORMAL,
    amount=50_000_000,
    n=20,
    mean=50.0,
    stddev=1.0,
    z=0.5,
    score=0.5,
    threshold=3.0,
    detector="zscore",
)


def flagged(units: int) -> Verdict:
    return replace(NORMAL, status=Status.ANOMALY, amount=units * 10**6, z=float(units - 50))


def arrival(seq: int, mark: Mark = Mark.NONE, entry_seq: int | None = None) -> Arrival:
    return Arrival(
        seq=seq,
        series_id=SERIES,
        entry_seq=entry_seq or seq,
        timestamp=1000 * seq,
        amount=0,
        baseline=moments.EMPTY,
        mark=mark,
    )


def anomaly_of(mark: Mark) -> Anomaly:
    found = step(None, arrival(1, mark), flagged(500)).current
    assert found is not None
    return found


def test_an_old_cost_opens_an_anomaly_without_an_alert() -> None:
    found = step(None, arrival(1, Mark.QUIET), flagged(500))
    assert (found.alert, found.current and (found.current.alerts, found.current.alerted_impact)) == (None, (0, 0))


def test_the_first_fresh_cost_of_an_anomaly_without_an_alert_raises_one() -> None:
    found = step(anomaly_of(Mark.QUIET), arrival(2), flagged(60))
    assert found.alert is AlertKind.OPENED
    assert found.current
    assert (found.current.alerts, found.current.alerted_impact, found.current.entries) == (1, 10_000_000, 2)
    assert step(found.current, arrival(3), flagged(70)).alert is AlertKind.WORSENED


def test_another_old_cost_extends_it_in_silence_however_bad() -> None:
    for mark in (Mark.QUIET, Mark.NONE):
        found = step(anomaly_of(mark), arrival(2, Mark.QUIET), flagged(100_000))
        assert found.alert is None
        assert found.current
        assert found.current.alerts == anomaly_of(mark).alerts


@pytest.mark.parametrize(("mark", "alert", "alerts"), [(Mark.NONE, AlertKind.WITHDRAWN, 2), (Mark.QUIET, None, 0)])
def test_a_withdrawal_raises_an_alert_only_if_the_anomaly_did(mark: Mark, alert: AlertKind | None, alerts: int) -> None:
    anomaly = anomaly_of(mark)
    earlier = Earlier(replace(flagged(500), anomaly=anomaly.id), anomaly)
    # The restatement itself is old in both cases: a sent alert must be withdrawn anyway.
    found = step(anomaly, arrival(5, Mark.QUIET, entry_seq=1), NORMAL, earlier)
    assert (found.alert, found.changed and found.changed.alerts, found.current) == (alert, alerts, None)


def test_a_cost_that_is_taken_out_leaves_its_anomaly_and_no_verdict() -> None:
    one = anomaly_of(Mark.NONE)
    two = step(one, arrival(2), flagged(600)).current
    assert two
    earlier = Earlier(replace(flagged(500), anomaly=one.id), two)
    found = step(two, arrival(5, Mark.REMOVED, entry_seq=1), None, earlier)
    assert (found.verdict, found.alert) == (None, None)
    assert found.current
    assert (found.current.entries, found.current.total_impact) == (1, 550_000_000)
    last = step(found.current, arrival(6, Mark.REMOVED, entry_seq=2), None, replace(earlier, anomaly=found.current))
    assert (last.changed and last.changed.status, last.alert, last.current) == (
        AnomalyStatus.WITHDRAWN,
        AlertKind.WITHDRAWN,
        None,
    )


def test_a_calm_cost_that_is_taken_out_changes_nothing() -> None:
    anomaly = anomaly_of(Mark.NONE)
    found = step(anomaly, arrival(5, Mark.REMOVED, entry_seq=2), None)
    assert (found.verdict, found.current, found.changed, found.alert) == (None, anomaly, None, None)


@pytest.mark.parametrize(
    ("now", "days", "before"),
    [(10 * 86_400_000, 3, 7 * 86_400_000), (86_400_000, 0.5, 43_200_000), (5, 0, 0), (5, 3, 0)],
)
def test_what_is_old_is_days_before_now(now: int, days: float, before: int) -> None:
    assert quiet_before(now, days) == before
