"""The lease of a destination: one notifier at a time, at its pace, not while it is paused or off."""

from functools import partial

import pytest

from kumo.store import client, destinations, keys
from kumo.store.client import Store
from tests.clocks import StoreClock
from tests.store.test_scripts import at_once


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=5)


def test_release_destination_heeds_only_the_holder(store: Store) -> None:
    clock = StoreClock(store)
    destinations.acquire(store, "slack", 100, "first", "f")
    clock.pass_by(0.1)
    destinations.acquire(store, "slack", 100, "second", "f")
    answer = destinations.MessageResult(pause_ms=900, last_answer="late", off=True, sent=False, repeats=0)
    destinations.release(store, "slack", "first", answer)
    assert destinations.find(store, "slack").state == "on"
    clock.pass_by(0.05)
    assert destinations.acquire(store, "slack", 150, "third", "f") == 50


def test_release_destination_releases_a_lease_once(store: Store) -> None:
    destinations.acquire(store, "slack", 60_000, "holder", "f")
    names = {"destination": keys.destination("slack")}
    args: dict[str, str | int] = {"token": "holder", "pause_ms": 1000, "state": "on", "answer": "ok"}
    run = partial(store.scripts.run, "release_destination", names, **args, messages=1, repeats=2)
    answers = at_once(20, run)
    assert sorted(answers) == [0] * 19 + [1]  # type: ignore[type-var]
    assert destinations.find(store, "slack")[2:4] == (20, 40)


def test_acquire_destination_waits_for_no_time_that_was_set_in_the_future(store: Store) -> None:
    clock = StoreClock(store)
    destinations.acquire(store, "slack", 45_000, "first", "f")
    clock.pass_by(-10)
    assert destinations.acquire(store, "slack", 45_000, "second", "f") == 0
    clock.pass_by(40)
    destinations.release(
        store, "slack", "second", destinations.MessageResult(1000, "", off=False, sent=True, repeats=0)
    )
    clock.pass_by(-10)
    assert destinations.acquire(store, "slack", 45_000, "third", "f") == 0
