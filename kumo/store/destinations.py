"""Destinations: whose turn it is to send, how fast, and whether they still listen."""

from typing import NamedTuple

from kumo.domain.measures import Destination
from kumo.store import answers, keys
from kumo.store.client import Store


def take(store: Store, name: str, lease_ms: int, token: str, fingerprint: str) -> int:
    """Take the turn to send: 0 where it is ours, -1 where the destination is off, else the ms to wait."""
    names = {"destination": keys.destination(name)}
    answer = store.scripts.run("take_destination", names, lease_ms=lease_ms, token=token, fingerprint=fingerprint)
    return answers.number(answer)


class Answered(NamedTuple):
    """How a turn went: in how many ms the next may begin, what was answered, how many alerts may have come again."""

    pause_ms: int
    last_answer: str
    off: bool
    sent: bool
    repeats: int


def give_back(store: Store, name: str, token: str, answered: Answered) -> None:
    """Give the turn to send back, if it is still ours."""
    store.scripts.run(
        "yield_destination",
        {"destination": keys.destination(name)},
        token=token,
        pause_ms=answered.pause_ms,
        state="off" if answered.off else "on",
        answer=answered.last_answer,
        messages=int(answered.sent),
        repeats=answered.repeats,
    )


def switch_on(store: Store, name: str) -> None:
    """Try a destination again that was off."""
    store.client.hset(keys.destination(name), "state", "on")


def find(store: Store, name: str) -> Destination:
    """Return what is known of a destination."""
    state, answer, messages, repeats, fingerprint = store.client.hmget(keys.destination(name), Destination._fields)
    return Destination(
        (state or b"on").decode(),
        (answer or b"").decode(),
        int(messages or 0),
        int(repeats or 0),
        (fingerprint or b"").decode(),
    )
