"""Counting alerts by status: the sets are right, also after a version without them."""

import pytest

from kumo.domain.alerts import AlertStatus, NextStatus
from kumo.domain.measures import StatusCount
from kumo.store import client, outbox
from kumo.store.client import Store
from tests.alerts import DESTINATION, make_test
from tests.clocks import StoreClock
from tests.store import alert_statuses


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


@pytest.fixture
def clock(store: Store) -> StoreClock:
    return StoreClock(store)


def raise_alerts(store: Store, *names: str) -> None:
    for name in names:
        outbox.add(store, make_test(f"{name}-1"))


def attempt(store: Store, outcome: NextStatus, limit: int) -> None:
    """Claim so many alerts and record an attempt to send them."""
    lease = outbox.Lease(DESTINATION, "holder", 60_000, limit, "repeat")
    rows = [outbox.Attempt(claim, outcome, "answer") for claim in outbox.claim(store, store.partitions, lease)]
    outbox.record_attempts(store, "holder", rows)


def counts(store: Store) -> dict[AlertStatus, tuple[int, float]]:
    return {state: (row.alerts, row.oldest) for state, row in outbox.count(store).items() if row.alerts}


def test_alerts_are_counted_by_state_with_the_age_of_the_oldest(store: Store, clock: StoreClock) -> None:
    raise_alerts(store, "a", "b")
    clock.pass_by(10)
    attempt(store, NextStatus(AlertStatus.SENT), 1)
    attempt(store, NextStatus(AlertStatus.RETRY, 2.0), 1)
    raise_alerts(store, "c")
    clock.pass_by(5)
    assert counts(store) == {AlertStatus.SENT: (1, 15.0), AlertStatus.RETRY: (1, 15.0), AlertStatus.PENDING: (1, 5.0)}
    outbox.defer(store, DESTINATION, store.partitions, 15_000, "not set")
    assert counts(store) == {AlertStatus.SENT: (1, 15.0), AlertStatus.NO_DESTINATION: (2, 15.0)}
    alert_statuses.check(store)


def test_no_alerts_come_to_nothing(store: Store) -> None:
    assert set(outbox.count(store).values()) == {StatusCount(0, 0.0)}


def test_an_alert_raised_in_the_future_of_a_clock_that_stepped_back_has_no_age(store: Store, clock: StoreClock) -> None:
    raise_alerts(store, "a")
    clock.pass_by(-60)
    assert counts(store) == {AlertStatus.PENDING: (1, 0.0)}


def test_a_full_redis_counts_its_alerts(store: Store) -> None:
    raise_alerts(store, "a", "b")
    store.client.config_set("maxmemory", 1)
    try:
        assert outbox.count(store)[AlertStatus.PENDING].alerts == 2
    finally:
        store.client.config_set("maxmemory", 0)
