"""Scenes of alerts and destinations."""

from collections.abc import Callable
from functools import partial
from typing import Final

from kumo.domain.alerts import AlertStatus, NextStatus
from kumo.store import destinations, outbox, retention
from kumo.store.client import Store
from kumo.store.destinations import MessageResult
from kumo.store.outbox import Attempt, Claim, Lease
from tests.alerts import DESTINATION, make_test
from tests.cut_scripts import Passage
from tests.store.contention.stage import DAY, Scene, Stage

NAMES: Final = [f"test-{number}" for number in range(40)]
LEASE_MS: Final = 60_000
SENT: Final = NextStatus(AlertStatus.SENT)


def _raise(on: Stage) -> None:
    for name in NAMES:
        outbox.add(on.store, make_test(name))


def _claim(token: str, store: Store) -> list[Claim]:
    return outbox.claim(store, store.partitions, Lease(DESTINATION, token, LEASE_MS, 7, "repeat"))


def _claimers(count: int) -> list[Callable[[Store], list[Claim]]]:
    return [partial(_claim, f"token {number}") for number in range(count)]


def _defer(store: Store) -> int:
    return outbox.defer(store, DESTINATION, store.partitions, 15_000, "no destination")


def add_alert(on: Stage) -> None:
    """Many raise the alert of one import, while its first is claimed."""
    added = on.rivals(*[lambda store: outbox.add(store, make_test())] * 16)
    assert sorted(added) == [False] * 15 + [True]
    assert len(_claim("first", on.store)) == 1
    assert on.rivals(*[lambda store: outbox.add(store, make_test())] * 4) == [False] * 4
    assert [alert.delivery.status for alert in outbox.read(on.store, ["test-1"])] == [AlertStatus.SENDING]


def claim_alerts(on: Stage) -> None:
    """Notifiers claim due alerts: each alert has one holder."""
    _raise(on)
    found = on.rivals(*_claimers(16))
    assert sorted(claim.alert.id for claims in found for claim in claims) == sorted(NAMES)


def defer_alerts(on: Stage) -> None:
    """Notifiers without a destination defer what others claim: each alert is either deferred or claimed."""
    _raise(on)

    def claim(store: Store) -> int:
        return len(_claim("token", store))

    assert sum(on.rivals(*[claim] * 4, *[_defer] * 8)) == len(NAMES)
    on.clock.pass_by(LEASE_MS / 1000)
    assert sum(on.rivals(*[_defer] * 8)) == outbox.count(on.store)[AlertStatus.NO_DESTINATION].alerts - _deferred(on)


def _deferred(on: Stage) -> int:
    """Return how many alerts were deferred without having been claimed."""
    return sum(not alert.delivery.repeat for alert in outbox.read(on.store, NAMES))


def record_attempts(on: Stage) -> None:
    """Two notifiers with the same claims record them at once, and so does one whose claims have ended."""
    _raise(on)
    late = [Attempt(claim, SENT, "late") for claim in _claim("late", on.store)]
    on.clock.pass_by(LEASE_MS / 1000)
    claims = [claim for _ in range(6) for claim in _claim("holder", on.store)]
    attempts = [Attempt(claim, SENT, "ok") for claim in claims]
    of_holder = [lambda store: outbox.record_attempts(store, "holder", attempts)] * 8
    of_late = [lambda store: outbox.record_attempts(store, "late", late)] * 4
    assert sum(on.rivals(*of_holder, *of_late)) == len(NAMES)
    assert {alert.delivery.last_answer for alert in outbox.read(on.store, NAMES)} == {"ok"}


def count_alerts(on: Stage) -> None:
    """Every count gives the number of all alerts, whatever happens to them meanwhile."""
    _raise(on)

    def count(store: Store) -> set[int]:
        return {sum(row.alerts for row in outbox.count(store).values()) for _ in range(10)}

    def work(store: Store) -> set[int]:
        claims = _claim("token", store)
        outbox.record_attempts(store, "token", [Attempt(claim, SENT, "ok") for claim in claims])
        return set()

    def defer(store: Store) -> set[int]:
        _defer(store)
        return set()

    assert set().union(*on.rivals(*[count] * 4, *[work] * 4, *[defer] * 2)) == {len(NAMES)}


def next_alert(on: Stage) -> None:
    """The clock has stepped back after alerts were claimed: many call in what waits too long."""
    _raise(on)
    while _claim("token", on.store):
        pass
    on.clock.pass_by(-outbox.LONGEST_MS / 1000 - 1)
    due = {DESTINATION: {on.partition: 0}}
    assert on.rivals(*[outbox.find_due] * 8) == [due] * 8
    found = on.rivals(*_claimers(8))
    assert sorted(claim.alert.id for claims in found for claim in claims) == sorted(NAMES)


def remove_old_anomalies(on: Stage) -> None:
    """Sweeps remove alerts that are sent, and none that is still to be sent."""
    _raise(on)
    sent = _claim("token", on.store)
    outbox.record_attempts(on.store, "token", [Attempt(claim, SENT, "ok") for claim in sent])
    before = on.clock.now + DAY

    def sweep(store: Store) -> int:
        return retention._remove_anomalies(store, on.partition, before)

    def claim(store: Store) -> int:
        return 0 * len(_claim("another", store))

    assert sum(on.rivals(*[sweep] * 8, *[claim] * 4)) == len(sent)
    assert {alert.id for alert in outbox.read(on.store, NAMES)} == set(NAMES) - {claim.alert.id for claim in sent}


def acquire_destination(on: Stage) -> None:
    """Notifiers want to send: one may, the others hear how long to wait."""

    def acquire(number: int, store: Store) -> int:
        return destinations.acquire(store, DESTINATION, LEASE_MS, f"token {number}", "f")

    waits = on.rivals(*(partial(acquire, number) for number in range(16)))
    assert sorted(waits) == [0] + [LEASE_MS] * 15


def release_destination(on: Stage) -> None:
    """One whose lease has ended releases it while another holds it: that one keeps it, and it stays on."""
    destinations.acquire(on.store, DESTINATION, 1_000, "late", "f")
    on.clock.pass_by(1)
    assert destinations.acquire(on.store, DESTINATION, LEASE_MS, "holder", "f") == 0
    result = MessageResult(pause_ms=0, last_answer="late", off=True, sent=True, repeats=1)

    def release(store: Store) -> int:
        destinations.release(store, DESTINATION, "late", result)
        return destinations.acquire(store, DESTINATION, LEASE_MS, "third", "f")

    assert on.rivals(*[release] * 8) == [LEASE_MS] * 8
    assert destinations.find(on.store, DESTINATION)[:4] == ("on", "", 8, 8)


SCENES: Final = {
    "add_alert": Scene(add_alert, Passage("if redis.call('EXISTS', keys.alert .. args.id) == 1 then return 0 end")),
    "claim_alerts": Scene(claim_alerts, Passage("set_due(keys, id, args.destination, at + args.lease_ms)")),
    "defer_alerts": Scene(
        defer_alerts, Passage("if status ~= 'no destination' then fresh = fresh + 1 end", "fresh = fresh + 1")
    ),
    "record_attempts": Scene(
        record_attempts, Passage("if redis.call('HGET', key, 'token') == args.token then", "if true then")
    ),
    "count_alerts": Scene(
        count_alerts, Passage("redis.call('ZCARD', key)", "redis.call('ZCOUNT', key, '-inf', at - 1)")
    ),
    "next_alert": Scene(next_alert, Passage("redis.call('ZADD', due, at, id)")),
    "remove_old_anomalies": Scene(
        remove_old_anomalies,
        Passage("if not redis.call('ZSCORE', keys.due .. destination_of(keys, id), id) then", "if true then"),
    ),
    "acquire_destination": Scene(
        acquire_destination, Passage("if free > at and not stepped_back then return free - at end")
    ),
    "release_destination": Scene(
        release_destination, Passage("if redis.call('HGET', key, 'token') ~= args.token then return 0 end")
    ),
}
