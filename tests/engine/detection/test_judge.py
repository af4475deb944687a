"""Anomalies and alerts as judging brings them about, on a real store."""

from dataclasses import replace
from itertools import count

import pytest

from kumo.domain.alerts import AlertKind, AlertStatus, NextStatus
from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.entries import Entry, Series
from kumo.domain.judging import Status
from kumo.engine import ingest
from kumo.engine.detection import judge
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import feed, outbox
from tests.alerts import DESTINATION
from tests.conftest import Build
from tests.engine.detection.arrivals import START, everything, judge_all
from tests.store import alert_statuses, indexes

pytestmark = pytest.mark.settings(KUMO_DETECTOR="zscore")  # whose figures can be worked out by hand

minutes = count()
SERIES = Series("AWS EC2", "USD", "aws", "42", "eu-west-1")


def send(services: Services, *units: float, name: str = "") -> str:
    now = START + 60_000 * next(minutes)
    entries = [Entry(SERIES, int(unit * 10**6), now, name == "", name) for unit in units]
    return ingest.ingest(services, entries)[-1].id


def kinds(services: Services) -> list[tuple[AlertKind, AlertStatus]]:
    rows = sorted(lookup.list_alerts(services, everything()).rows, key=lambda row: row.id)
    return [(row.kind, row.delivery.status) for row in rows]


def test_a_jump_becomes_one_anomaly_and_one_alert(services: Services) -> None:
    send(services, *[50, 51] * 10)
    entry = send(services, 500)
    judge_all(services)
    (row,) = lookup.list_anomalies(services, everything()).rows
    assert (row.anomaly.opened_by, row.anomaly.status, row.subject) == (entry, AnomalyStatus.OPEN, SERIES)
    (alert,) = lookup.list_alerts(services, everything()).rows
    spend = alert.spend
    assert spend is not None
    assert (spend.anomaly, spend.entry, spend.amount, spend.n) == (row.anomaly.id, entry, 500_000_000, 20)
    assert lookup.find_cost(services, entry).status is Status.ANOMALY


def test_a_judge_judges_what_little_waits_elsewhere_and_leaves_much_to_its_own_job(services: Services) -> None:
    numbers = [services.store.partition(Series(f"s{n}", "USD").id).number for n in range(100)]
    here, little, much = (numbers.index(number) for number in list(dict.fromkeys(numbers))[:3])
    for place, entries in ((little, judge.LITTLE), (much, judge.LITTLE + 1)):
        ingest.ingest(services, [Entry(Series(f"s{place}", "USD"), 10**6, START + n) for n in range(entries)])
    judge.judge_partition(services, numbers[here])
    waiting = feed.backlog(services.store)
    assert (waiting[numbers[little]], waiting[numbers[much]]) == (0, judge.LITTLE + 1)


def test_an_opened_anomaly_is_a_line_in_the_log_and_its_further_entries_are_none(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "kumo.engine.detection.judge")
    send(services, *[50, 51] * 10)
    judge_all(services)
    assert caplog.messages == []
    for amount in (500, 510):
        send(services, amount)
        judge_all(services)
    assert caplog.messages == ["Anomaly opened: AWS EC2 500.00 USD, expected 50.50 USD (+890%)"]


def test_a_storm_of_anomalies_is_a_line_for_each_slice(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "kumo.engine.detection.judge")
    for number in range(40):
        series = Series(f"S{number}", "USD")
        ingest.ingest(services, [Entry(series, unit * 10**6, START) for unit in (*[50, 51] * 10, 500 + number)])
    judge_all(services)
    assert 0 < len(caplog.messages) <= len(services.store.partitions)
    assert any("anomalies opened, the largest: S39 539.00 USD" in line for line in caplog.messages)


def test_an_episode_alerts_once_however_long(services: Services) -> None:
    send(services, *[50, 51] * 10)
    judge_all(services)
    for amount in (500, 510, 520):
        send(services, amount)
        judge_all(services)
    assert kinds(services) == [(AlertKind.OPENED, AlertStatus.PENDING)]
    assert lookup.list_anomalies(services, everything()).rows[0].anomaly.entries == 3


def test_an_anomaly_closes_after_two_calm_entries_and_the_next_is_another(services: Services) -> None:
    send(services, *[50, 51] * 10, 500, 50, 50)
    judge_all(services)
    assert [row.anomaly.status for row in lookup.list_anomalies(services, everything()).rows] == [AnomalyStatus.CLOSED]
    send(services, 5000)
    judge_all(services)
    assert len(lookup.list_anomalies(services, everything()).rows) == 2
    assert len(kinds(services)) == 2


@pytest.mark.parametrize("together", [True, False])
def test_restating_before_an_alert_was_sent_withdraws_in_silence(services: Services, *, together: bool) -> None:
    send(services, *[50, 51] * 10)
    entry = send(services, 500, name="bill")
    if not together:
        judge_all(services)
    send(services, 50.5, name="bill")
    judge_all(services)
    (row,) = lookup.list_anomalies(services, everything()).rows
    assert row.anomaly.status is AnomalyStatus.WITHDRAWN
    assert kinds(services) == [(AlertKind.OPENED, AlertStatus.CANCELLED)]
    alert_statuses.check(services.store)
    indexes.check(services.store)
    assert lookup.find_cost(services, entry).status is Status.NORMAL


def test_restating_after_an_alert_was_sent_sends_a_withdrawal_once(services: Services) -> None:
    send(services, *[50, 51] * 10)
    send(services, 500, name="bill")
    judge_all(services)
    claimed = outbox.claim(
        services.store, services.store.partitions, outbox.Lease(DESTINATION, "notifier", 60_000, 10, AlertStatus.RETRY)
    )
    attempts = [outbox.Attempt(alert, NextStatus(AlertStatus.SENT), "ok") for alert in claimed]
    assert outbox.record_attempts(services.store, "notifier", attempts) == 1
    for amount in (50.5, 50.5, 51):
        send(services, amount, name="bill")
        judge_all(services)
    assert kinds(services) == [(AlertKind.OPENED, AlertStatus.SENT), (AlertKind.WITHDRAWN, AlertStatus.PENDING)]


def test_a_restated_entry_is_pending_until_it_is_judged_again(services: Services) -> None:
    send(services, *[50, 51] * 10)
    entry = send(services, 50, name="bill")
    judge_all(services)
    send(services, 500, name="bill")
    assert lookup.find_cost(services, entry).status is Status.PENDING
    judge_all(services)
    assert lookup.find_cost(services, entry).status is Status.ANOMALY


def test_a_slice_that_another_judge_committed_changes_nothing(services: Services) -> None:
    send(services, *[50, 51] * 10, 500)
    partition = services.store.partition(SERIES.id)
    cursor, records = feed.pending(services.store, partition, 500)
    judge_all(services)
    before = services.store.client.dbsize(), lookup.list_anomalies(services, everything()), kinds(services)
    verdicts = {(row.series_id, row.entry_seq): replace(services.detector.judge(row, None)[0], n=9) for row in records}
    times = {(row.series_id, row.entry_seq): row.timestamp for row in records}
    late = feed.commit(services.store, partition, cursor, records[-1].seq, feed.Slice(verdicts=verdicts, times=times))
    assert late is None
    assert (services.store.client.dbsize(), lookup.list_anomalies(services, everything()), kinds(services)) == before
    assert lookup.list_costs(services, everything()).rows[0].verdict not in verdicts.values()


def test_judging_leaves_nothing_pending(services: Services) -> None:
    send(services, *[50, 51] * 700)
    judge_all(services)
    partition = services.store.partition(SERIES.id)
    assert feed.backlog(services.store) == [0] * 16
    assert services.store.client.xlen(partition.pending) == 0
    assert judge.judge_slice(services, partition) == 0


@pytest.mark.parametrize(("age", "alerts"), [("3", 0), ("0", 1), ("36500", 1)])
def test_a_cost_that_is_old_when_it_arrives_is_judged_without_an_alert(build: Build, age: str, alerts: int) -> None:
    services = build(KUMO_ALERT_MAX_AGE=age)
    send(services, *[50, 51] * 10)
    entry = send(services, 500)
    judge_all(services)
    assert lookup.find_cost(services, entry).status is Status.ANOMALY
    assert [row.anomaly.alerts for row in lookup.list_anomalies(services, everything()).rows] == [alerts]
    assert len(kinds(services)) == alerts


def test_the_age_that_counts_is_that_of_the_arrival_not_of_the_judgement(build: Build) -> None:
    services = build(KUMO_ALERT_MAX_AGE="3")
    now = services.clock()
    entries = [Entry(SERIES, amount * 10**6, now - 2 * 86_400_000 + place) for place, amount in enumerate([50] * 20)]
    ingest.ingest(services, [*entries, Entry(SERIES, 500 * 10**6, now - 2 * 86_400_000 + 30)])
    judge_all(replace(services, clock=lambda: now + 30 * 86_400_000))
    assert [kind for kind, _ in kinds(services)] == [AlertKind.OPENED]
