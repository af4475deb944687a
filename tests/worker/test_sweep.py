"""What lost its job is found again, and what is too old goes."""

import pytest

from kumo.domain.alerts import Alert, Kind
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.engine import ingest, query, verify
from kumo.services import Services
from kumo.store import keys, outbox
from tests.engine.arrivals import everything, judge_all
from tests.engine.conftest import Build, build  # noqa: F401 - a fixture
from worker.sweep import sweep

SERIES = Series("AWS EC2", "USD")


@pytest.fixture
def services(build: Build) -> Services:  # noqa: F811 - the fixture above
    return build()


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
    assert jobs(services, "judge") == 0  # the wake flag still says that one is on its way
    services.store.client.delete(services.store.partition(SERIES.id).wake)
    sweep(services)
    sweep(services)
    assert jobs(services, "judge") == 1


def test_the_wake_flag_ends_by_itself(services: Services) -> None:
    send(services, 1)
    assert 0 < services.store.client.pttl(services.store.partition(SERIES.id).wake) <= 10_000


def test_due_alerts_whose_job_is_lost_get_another(services: Services) -> None:
    outbox.add(services.store, Alert("test-1-1", Kind.TEST, services.clock()))
    sweep(services)
    sweep(services)
    assert jobs(services, "notify") == 1


def test_where_nothing_waits_nothing_is_asked_for(services: Services) -> None:
    send(services, 3)
    judge_all(services)
    lose_jobs(services)
    sweep(services)
    assert services.store.client.exists(keys.NOTIFY_WAKE) == 0
    assert (jobs(services, "judge"), jobs(services, "notify")) == (0, 0)


def test_entries_past_their_retention_go_and_the_daily_totals_stay(build: Build) -> None:  # noqa: F811
    services = build(KUMO_RETENTION_DAYS="30", KUMO_WINDOW="10")
    send(services, 25, age_days=40)
    send(services, 5)
    judge_all(services)
    before = query.summary(services, "none", {}, *[query.today(services)] * 2)
    sweep(services)
    (row,) = query.series(services, everything()).rows
    assert (row.moments.n, row.moments.total) == (5, 10 * 10**6)
    assert len(query.costs(services, everything()).rows) == 5
    assert list(verify.differences(services)) == []
    assert query.summary(services, "none", {}, *[query.today(services)] * 2) == before
    send(services, 25, age_days=40)  # forgotten ids are new again
    assert query.series(services, everything()).rows[0].moments.n == 10


def test_what_is_not_judged_yet_is_not_forgotten(build: Build) -> None:  # noqa: F811
    services = build(KUMO_RETENTION_DAYS="30")
    send(services, 5, age_days=40)
    sweep(services)
    assert len(query.costs(services, everything()).rows) == 5
    judge_all(services)
    sweep(services)
    assert query.costs(services, everything()).rows == []
