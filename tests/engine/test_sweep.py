"""Work without a job is found again, and old entries are removed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.engine import delivery, ingest
from kumo.engine.ops import verification
from kumo.engine.queries import daily_sums, lookup
from kumo.engine.sweep import sweep
from kumo.errors import InvalidEntryError
from kumo.services import Services
from kumo.store import keys, outbox, retention
from tests.alerts import DESTINATION, make_test
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all
from tests.engine.totals.rest import bring_to_rest
from tests.stack import eventually
from tests.store import alert_statuses, indexes

SERIES = Series("AWS EC2", "USD")


def jobs(services: Services, queue: str) -> int:
    return int(services.store.client.llen(f"rq:queue:{queue}"))


def lose_jobs(services: Services) -> None:
    services.store.client.delete("rq:queue:judge", "rq:queue:notify")


def send(services: Services, count: int, age_days: int = 0) -> None:
    now = services.clock() - age_days * DAY_MS
    ingest.ingest(services, [Entry(SERIES, 10**6 * n, now, external_id=f"{age_days} {n}") for n in range(count)])


def test_pending_entries_whose_job_is_lost_get_another(services: Services) -> None:
    send(services, 3)
    lose_jobs(services)
    sweep(services)
    assert jobs(services, "judge") == 0  # the wake flag still says that a job is queued
    services.store.client.delete(services.store.partition(SERIES.id).wake)
    sweep(services)
    sweep(services)
    assert jobs(services, "judge") == 1


@pytest.mark.parametrize("life", [-1, 3_600_000])
def test_flags_that_redis_would_keep_too_long_keep_nothing_waiting(services: Services, life: int) -> None:
    store = services.store.client
    send(services, 3)
    delivery.raise_test(services)
    lose_jobs(services)
    flags = [services.store.partition(SERIES.id).wake, keys.NOTIFY_WAKE]
    for flag in flags:
        store.set(flag, "1", px=life if life > 0 else None)
    sweep(services)
    assert all(0 < store.pttl(flag) <= 10_000 for flag in flags)
    assert (jobs(services, "judge"), jobs(services, "notify")) == (0, 0)
    for flag in flags:
        store.pexpire(flag, 1)  # as if its ten seconds were over
    eventually(lambda: not store.exists(*flags))
    sweep(services)
    assert (jobs(services, "judge"), jobs(services, "notify")) == (1, 1)


def test_the_wake_flag_ends_by_itself(services: Services) -> None:
    send(services, 1)
    assert 0 < services.store.client.pttl(services.store.partition(SERIES.id).wake) <= 10_000


def test_due_alerts_whose_job_is_lost_get_another(services: Services) -> None:
    outbox.add(services.store, make_test("test-1-1"))
    sweep(services)
    sweep(services)
    assert jobs(services, "notify") == 1


def test_where_nothing_waits_nothing_is_asked_for(services: Services) -> None:
    send(services, 3)
    bring_to_rest(services)
    lose_jobs(services)
    sweep(services)
    assert services.store.client.exists(keys.NOTIFY_WAKE) == 0
    assert (jobs(services, "judge"), jobs(services, "notify")) == (0, 0)


def test_entries_past_their_retention_go_and_the_daily_totals_stay(build: Build) -> None:
    services = build(KUMO_WINDOW="10")
    send(services, 25, age_days=40)
    send(services, 5)
    judge_all(services)
    long_ago = lookup.today(services) - timedelta(days=50)
    before = daily_sums.sum_days(services, "none", {}, long_ago, lookup.today(services))
    sweep(build(KUMO_WINDOW="10", KUMO_RETENTION_DAYS="30"))
    (row,) = lookup.list_series(services, everything()).rows
    assert (row.moments.n, row.moments.total) == (5, 10 * 10**6)
    assert len(lookup.list_costs(services, everything()).rows) == 5
    assert list(verification.differences(services)) == []
    assert daily_sums.sum_days(services, "none", {}, long_ago, lookup.today(services)) == before


@pytest.mark.parametrize(
    "more", [{}, {"tags": {"team": "search"}}, {"quantity": 5}, {"quantity": 5, "tags": {"a": "b"}}]
)
def test_the_external_ids_of_what_is_forgotten_go_with_it(build: Build, more: dict[str, Any]) -> None:
    services = build()
    old = services.clock() - 40 * DAY_MS
    ingest.ingest(services, [Entry(SERIES, 10**6, old, external_id=name, **more) for name in ("bill-1", '"5 [')])
    ingest.ingest(services, [Entry(SERIES, 10**6, old, **more)])
    judge_all(services)
    sweep(build(KUMO_RETENTION_DAYS="30"))
    assert lookup.list_costs(services, everything()).rows == []
    assert services.store.client.exists(services.store.partition(SERIES.id).external + SERIES.id) == 0


def test_what_would_be_forgotten_at_once_is_refused(build: Build) -> None:
    services = build(KUMO_RETENTION_DAYS="30")
    with pytest.raises(InvalidEntryError, match="timestamp"):
        send(services, 5, age_days=40)
    send(services, 5, age_days=29)
    assert len(lookup.list_costs(services, everything()).rows) == 5


NOON = 20_000 * DAY_MS + DAY_MS // 2


def sweeps(services: Services, now: int, most: int = 100) -> int:
    """Sweep at some time until no series are read any more; returns how often they were."""
    held, client = replace(services, clock=lambda: now), services.store.client
    for times in range(most):
        client.config_resetstat()
        sweep(held)
        if "cmdstat_hkeys" not in client.info("commandstats"):
            return times
    return most


def test_series_are_read_again_only_where_something_is_left_or_another_day_has_begun(
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "SWEEP_CALLS", 5)
    services = build(KUMO_PARTITIONS="2")
    some = [Series(f"service {number}", "USD") for number in range(20)]
    ingest.ingest(services, [Entry(one, 10**6, NOON - age * DAY_MS) for one in some for age in (31, 30, 29)])
    judge_all(services)
    sweeping = build(KUMO_PARTITIONS="2", KUMO_RETENTION_DAYS="30")
    assert 4 <= sweeps(sweeping, NOON) < 20
    assert (
        len(lookup.list_costs(services, everything()).rows) == 40
    )  # what is of the thirtieth day before stays all day
    assert sweeps(sweeping, NOON + DAY_MS // 2 - 1) == 0
    with pytest.raises(InvalidEntryError, match="has removed entries of earlier days"):
        ingest.ingest(services, [Entry(some[0], 10**6, NOON - 40 * DAY_MS)])
    assert 4 <= sweeps(sweeping, NOON + DAY_MS) < 20
    assert {row.entry.timestamp for row in lookup.list_costs(services, everything()).rows} == {NOON - 29 * DAY_MS}
    indexes.check(services.store)


def test_what_was_young_enough_at_midnight_is_so_for_an_hour_more(build: Build) -> None:
    services = build(KUMO_PARTITIONS="1")
    midnight = NOON + DAY_MS // 2
    ingest.ingest(services, [Entry(SERIES, 10**6, midnight - 31 * DAY_MS + 1)])
    judge_all(services)
    sweeping = build(KUMO_PARTITIONS="1", KUMO_RETENTION_DAYS="30")
    for minutes, left in ((-1, 1), (1, 1), (59, 1), (61, 0)):
        sweep(replace(sweeping, clock=lambda now=midnight + minutes * 60_000: now))
        assert len(lookup.list_costs(services, everything()).rows) == left


def test_lists_are_read_anew_after_each_pass_that_takes_something_out(
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "SWEEP_CALLS", 1)
    services = build(KUMO_PARTITIONS="1")
    ingest.ingest(services, [Entry(Series(name, "USD"), 10**6, NOON - 40 * DAY_MS) for name in ("EC2", "S3")])
    judge_all(services)
    store, seen = services.store, [lookup.find_revision(services)]
    while retention.remove_old(store, NOON - 30 * DAY_MS):
        seen.append(lookup.find_revision(services))
    assert len(set(seen)) == len(seen) == 3


def test_what_is_not_judged_yet_is_not_forgotten(build: Build) -> None:
    services = build()
    send(services, 5, age_days=40)
    sweeping = build(KUMO_RETENTION_DAYS="30")
    sweep(sweeping)
    assert len(lookup.list_costs(services, everything()).rows) == 5
    judge_all(services)
    sweep(sweeping)
    assert lookup.list_costs(services, everything()).rows == []


def test_what_is_forgotten_while_it_waits_to_be_judged_again_leaves_nothing(build: Build) -> None:
    services, store = build(KUMO_MIN_HISTORY="2"), build().store
    send(services, 5, age_days=40)
    judge_all(services)
    kept = [store.partition(SERIES.id).verdicts + "*", store.partition(SERIES.id).judged + "*"]
    ingest.ingest(services, [Entry(SERIES, 7, services.clock(), timestamp_given=False, external_id="40 0")])
    sweep(build(KUMO_RETENTION_DAYS="30"))
    assert lookup.list_costs(services, everything()).rows == []
    judge_all(services)
    assert [key for family in kept for key in store.client.scan_iter(family.replace("{", "\\{"))] == []
    indexes.check(store)


@pytest.mark.settings(KUMO_DETECTOR="zscore")  # whose figures can be worked out by hand
def test_anomalies_and_alerts_past_the_retention_go_unless_they_still_matter(build: Build) -> None:
    services = build(KUMO_MIN_HISTORY="2")
    send(services, 5, age_days=40)
    spike, calm = services.clock() - 40 * DAY_MS + 1, services.clock() - 39 * DAY_MS
    ingest.ingest(services, [Entry(SERIES, 10**9, spike), Entry(SERIES, 0, calm), Entry(SERIES, 0, calm + 1)])
    ingest.ingest(services, [Entry(Series("open", "USD"), 10**6 * n**9, spike + n) for n in range(9)])
    judge_all(services)
    anomalies = lookup.list_anomalies(services, everything()).rows
    assert {row.anomaly.status for row in anomalies} == {AnomalyStatus.OPEN, AnomalyStatus.CLOSED}
    alert = lookup.list_alerts(services, everything()).rows[0]
    partition = outbox.partition_of(services.store, alert.id)
    services.store.client.zadd(partition.alerts, {alert.id: 1})
    sweeping = build(KUMO_RETENTION_DAYS="30")
    sweep(sweeping)
    assert {row.anomaly.status for row in lookup.list_anomalies(services, everything()).rows} == {AnomalyStatus.OPEN}
    assert alert.id in [row.id for row in lookup.list_alerts(services, everything()).rows]  # still due
    services.store.client.zrem(partition.due + DESTINATION, alert.id)
    sweep(sweeping)
    assert alert.id not in [row.id for row in lookup.list_alerts(services, everything()).rows]
    alert_statuses.check(services.store)
    indexes.check(services.store)
