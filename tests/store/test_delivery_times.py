"""How long it took from an arrival to Slack: counted as an alert is settled, once, by the store's clock."""

import pytest

from kumo.domain.alerts import AlertStatus, NextStatus
from kumo.domain.measures import BOUNDS_MS
from kumo.store import client, delivery_times, outbox
from kumo.store.client import Store
from tests.alerts import DESTINATION, make_spend
from tests.clocks import StoreClock

NONE = (0,) * len(BOUNDS_MS)


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


@pytest.fixture
def clock(store: Store) -> StoreClock:
    return StoreClock(store)


def attempt(store: Store, outcome: NextStatus, token: str = "holder") -> list[outbox.Attempt]:
    claims = outbox.claim(store, store.partitions, outbox.Lease(DESTINATION, token, 1000, 9, "repeat"))
    rows = [outbox.Attempt(claim, outcome, "answer") for claim in claims]
    outbox.record_attempts(store, token, rows)
    return rows


def raise_alert(store: Store, name: str, arrived_at: int) -> None:
    outbox.add(store, make_spend(f"{name}-1", arrived_at=arrived_at))


def test_what_is_sent_is_counted_under_the_time_since_its_arrival(store: Store, clock: StoreClock) -> None:
    raise_alert(store, "quick", clock.now - 250)
    raise_alert(store, "slow", clock.now - 2_000)
    raise_alert(store, "days", clock.now - 10**9)
    attempt(store, NextStatus(AlertStatus.SENT))
    found = delivery_times.read(store)
    assert dict(zip(BOUNDS_MS, found.within, strict=True)) == {250: 1, 500: 1, 1000: 1} | dict.fromkeys(
        BOUNDS_MS[3:], 2
    )
    assert (found.sent, found.seconds) == (3, 1_000_002.25)


@pytest.mark.parametrize(
    "fate", [NextStatus(AlertStatus.RETRY, 1.0), NextStatus(AlertStatus.DEAD), NextStatus(AlertStatus.UNKNOWN)]
)
def test_what_is_not_told_is_not_counted(store: Store, clock: StoreClock, fate: NextStatus) -> None:
    raise_alert(store, "a", clock.now)
    attempt(store, fate)
    assert delivery_times.read(store) == (NONE, 0, 0.0)


def test_what_is_sent_after_tries_or_recorded_again_counts_once(store: Store, clock: StoreClock) -> None:
    raise_alert(store, "a", clock.now)
    attempt(store, NextStatus(AlertStatus.RETRY, 1.0))
    clock.pass_by(1)
    rows = attempt(store, NextStatus(AlertStatus.SENT))
    outbox.record_attempts(store, "holder", rows)
    assert delivery_times.read(store)[1:] == (1, 1.0)


def test_a_test_and_what_an_older_version_raised_has_no_arrival(store: Store) -> None:
    raise_alert(store, "a", 0)
    attempt(store, NextStatus(AlertStatus.SENT))
    assert delivery_times.read(store) == (NONE, 0, 0.0)


def test_bounds_of_another_version_count_from_the_next_one_on(store: Store) -> None:
    store.client.hset(store.partitions[2].delivery, mapping={"300": 4, "+Inf": 1, "sum": 9_000})
    assert delivery_times.read(store) == ((0, *[4] * (len(BOUNDS_MS) - 1)), 5, 9.0)
