"""Destinations: the lease to send to one, its pace, and whether it is on."""

from typing import NamedTuple

from kumo.domain.measures import Destination
from kumo.store import answers, keys
from kumo.store.client import Store


def acquire(store: Store, name: str, lease_ms: int, token: str, fingerprint: str) -> int:
    """Acquire the lease to send: 0 if it is ours, -1 if the destination is off, else the ms to wait."""
    names = {"destination": keys.destination(name)}
    answer = store.scripts.run("acquire_destination", names, lease_ms=lease_ms, token=token, fingerprint=fingerprint)
    return answers.number(answer)


class MessageResult(NamedTuple):
    """The result of a message: ms until the next message, the answer, and the number of possible repeats."""

    pause_ms: int
    last_answer: str
    off: bool
    sent: bool
    repeats: int


def release(store: Store, name: str, token: str, result: MessageResult) -> None:
    """Record the result of a message, and release the lease if it is still ours."""
    store.scripts.run(
        "release_destination",
        {"destination": keys.destination(name)},
        token=token,
        pause_ms=result.pause_ms,
        state="off" if result.off else "on",
        answer=result.last_answer,
        messages=int(result.sent),
        repeats=result.repeats,
    )


def switch_on(store: Store, name: str) -> None:
    """Switch a destination on again."""
    store.client.hset(keys.destination(name), "state", "on")


def find(store: Store, name: str) -> Destination:
    """Return the state of a destination."""
    state, answer, messages, repeats, fingerprint = store.client.hmget(keys.destination(name), Destination._fields)
    return Destination(
        (state or b"on").decode(),
        (answer or b"").decode(),
        int(messages or 0),
        int(repeats or 0),
        (fingerprint or b"").decode(),
    )
