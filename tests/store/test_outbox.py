"""The scripts of alerts: which call wins if many run at once, and what they record."""

from collections.abc import Callable

import pytest

from kumo.domain.alerts import AlertStatus, NextStatus
from kumo.store import client, outbox
from kumo.store.client import Store
from tests.alerts import DESTINATION, make_test
from tests.clocks import StoreClock
from tests.store import alert_statuses
from tests.store.test_scripts import at_once


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


@pytest.mark.parametrize(
    ("ambiguous", "claimed", "state"), [("repeat", 1, AlertStatus.SENDING), ("hold", 0, AlertStatus.UNKNOWN)]
)
def test_claim_alerts_treats_a_vanished_sender_as_one_that_sent(
    store: Store, ambiguous: str, claimed: int, state: AlertStatus
) -> None:
    clock = StoreClock(store)
    outbox.add(store, make_test("test-1-1"))
    outbox.claim(store, store.partitions, outbox.Lease(DESTINATION, "first", 1000, 7, ambiguous))
    clock.pass_by(0.999)
    assert outbox.claim(store, store.partitions, outbox.Lease(DESTINATION, "second", 1000, 7, ambiguous)) == []
    clock.pass_by(0.001)
    found = outbox.claim(store, store.partitions, outbox.Lease(DESTINATION, "second", 1000, 7, ambiguous))
    assert len(found) == claimed
    assert all(claim.alert.delivery.repeat for claim in found)
    (alert,) = outbox.read(store, ["test-1-1"])
    assert (alert.delivery.status, alert.delivery.last_answer) == (state, "The notifier stopped while sending.")


def claimed(store: Store, count: int) -> list[outbox.Claim]:
    for number in range(count):
        outbox.add(store, make_test(f"test-{number}-1"))
    return outbox.claim(store, store.partitions, outbox.Lease(DESTINATION, "holder", 60_000, count, "repeat"))


NOTHING = outbox.Lease(DESTINATION, "late", 60_000, 9, "repeat")
BECOMES: list[tuple[Callable[[Store, list[outbox.Claim]], object], AlertStatus]] = [
    (lambda *_: None, AlertStatus.SENDING),
    (lambda store, rows: attempt(store, rows, NextStatus(AlertStatus.SENT)), AlertStatus.SENT),
    (lambda store, rows: attempt(store, rows, NextStatus(AlertStatus.RETRY, 2.0)), AlertStatus.RETRY),
    (lambda store, rows: attempt(store, rows, NextStatus(AlertStatus.DEAD)), AlertStatus.DEAD),
    (lambda store, rows: attempt(store, rows, NextStatus(AlertStatus.UNKNOWN)), AlertStatus.UNKNOWN),
    (lambda store, _: outbox.claim(store, store.partitions, NOTHING), AlertStatus.SENDING),
    (lambda store, _: outbox.claim(store, store.partitions, NOTHING._replace(ambiguous="hold")), AlertStatus.UNKNOWN),
    (
        lambda store, _: outbox.defer(store, DESTINATION, store.partitions, 15_000, "not set"),
        AlertStatus.NO_DESTINATION,
    ),
]


def attempt(store: Store, rows: list[outbox.Claim], outcome: NextStatus) -> None:
    assert outbox.record_attempts(store, "holder", [outbox.Attempt(row, outcome, "so") for row in rows]) == len(rows)


@pytest.mark.parametrize(("become", "state"), BECOMES)
def test_what_an_alert_says_of_itself_agrees_with_the_outbox(
    store: Store, become: Callable[[Store, list[outbox.Claim]], object], state: AlertStatus
) -> None:
    clock, partition = StoreClock(store), store.partitions[0]
    rows = claimed(store, 3)
    if state in {AlertStatus.SENDING, AlertStatus.UNKNOWN, AlertStatus.NO_DESTINATION}:
        clock.pass_by(60)
    become(store, rows)
    found = outbox.read(store, [row.alert.id for row in rows])
    assert [alert.delivery.status for alert in found] == [state] * 3
    due = {
        name.decode(): score for name, score in store.client.zrange(partition.due + DESTINATION, 0, -1, withscores=True)
    }
    assert [due.get(alert.id, 0) for alert in found] == [alert.delivery.due_at for alert in found]
    assert bool(due) is (state in {AlertStatus.SENDING, AlertStatus.RETRY, AlertStatus.NO_DESTINATION})
    assert [alert.delivery.sent_at for alert in found] == [clock.now if state is AlertStatus.SENT else 0] * 3


def test_only_who_holds_a_claim_can_record_an_attempt(store: Store) -> None:
    clock = StoreClock(store)
    rows = [outbox.Attempt(claim, NextStatus(AlertStatus.SENT), "late") for claim in claimed(store, 1)]
    clock.pass_by(60)
    outbox.defer(store, DESTINATION, store.partitions, 15_000, "not set")
    assert outbox.record_attempts(store, "holder", rows) == 0
    (alert,) = outbox.read(store, [rows[0].claim.alert.id])
    assert (alert.delivery.status, alert.delivery.repeat, alert.delivery.last_answer) == (
        AlertStatus.NO_DESTINATION,
        True,
        "not set",
    )


def test_record_attempts_records_each_attempt_once(store: Store) -> None:
    rows = [
        outbox.Attempt(claim, NextStatus(AlertStatus.RETRY, 2.0, repeat=True), "500") for claim in claimed(store, 20)
    ]
    assert sum(at_once(20, outbox.record_attempts, store, "holder", rows)) == 20  # type: ignore[arg-type]
    found = [alert.delivery for alert in outbox.read(store, [row.claim.alert.id for row in rows])]
    assert {(each.status, each.unconfirmed, each.repeat) for each in found} == {(AlertStatus.RETRY, 1, True)}
    assert outbox.record_attempts(store, "another", rows) == 0


def test_next_alert_calls_in_what_waits_longer_than_any_alert_may(store: Store) -> None:
    clock = StoreClock(store)
    claimed(store, 20)
    assert at_once(20, outbox.find_due, store) == [{DESTINATION: {store.partitions[0]: 60_000}}] * 20
    clock.pass_by(-outbox.LONGEST_MS / 1000 + 60)
    assert at_once(20, outbox.find_due, store) == [{DESTINATION: {store.partitions[0]: outbox.LONGEST_MS}}] * 20
    clock.pass_by(-0.001)
    assert at_once(20, outbox.find_due, store) == [{DESTINATION: {store.partitions[0]: 0}}] * 20
    (due_at,) = {alert.delivery.due_at for alert in outbox.read(store, [f"test-{n}-1" for n in range(20)])}
    assert due_at == clock.now


def test_each_destination_has_its_own_due_alerts(store: Store) -> None:
    clock = StoreClock(store)
    for name, destination in (("a-1", "one"), ("b-1", "two")):
        outbox.add(store, make_test(name, destination))
        clock.pass_by(1)
    partition = store.partitions[0]
    assert outbox.find_due(store) == {"one": {partition: -2000}, "two": {partition: -1000}}
    (claim,) = outbox.claim(store, store.partitions, outbox.Lease("two", "token", 60_000, 7, "repeat"))
    assert (claim.alert.id, claim.alert.delivery.destination) == ("b-1", "two")
    outbox.record_attempts(store, "token", [outbox.Attempt(claim, NextStatus(AlertStatus.SENT), "ok")])
    assert outbox.find_due(store) == {"one": {partition: -2000}}
    assert store.client.smembers(partition.destinations) == {b"one"}
    alert_statuses.check(store)
