"""Leases and marks with a time to live: who works on something now, and the first body of a request."""

from collections.abc import Iterable
from typing import Final

from kumo.store import keys
from kumo.store.client import Store
from kumo.store.commands import Command, get, pttl, set_
from kumo.store.entries import ONCE_SECONDS

# The answers of PTTL for a missing key, and for one without an end.
NO_KEY: Final = -2
NO_END: Final = -1


def take(store: Store, key: str, token: str, milliseconds: int) -> bool:
    """Take a lease, or set a flag; return False if another holds it.

    If its time to live is longer than ever given, or endless, it is shortened: the store's clock has stepped back.
    """
    asked: list[Command[int | None]] = [set_(key, token, "NX", "PX", milliseconds), pttl(key)]
    taken, left = store.many(asked)
    if not taken:
        _cut(store, key, left or 0, milliseconds)
    return bool(taken)


def check_held(store: Store, names: Iterable[str], milliseconds: int) -> list[bool]:
    """Return which leases are held; shorten those that live too long."""
    asked = list(names)
    lives = store.many(map(pttl, asked))
    for key, left in zip(asked, lives, strict=True):
        _cut(store, key, left, milliseconds)
    return [left != NO_KEY for left in lives]


def _cut(store: Store, key: str, left: int, milliseconds: int) -> None:
    if left == NO_END or left > milliseconds:
        store.client.pexpire(key, milliseconds)


def renew(store: Store, key: str, token: str, milliseconds: int) -> bool:
    """Extend a lease, or take it again if it has ended; return False if another holds it."""
    if take(store, key, token, milliseconds):
        return True
    return bool(store.client.get(key) == token.encode() and store.client.pexpire(key, milliseconds))


def release(store: Store, key: str, token: str) -> None:
    """Release a lease if it is still ours."""
    store.scripts.run("release_lease", {"lease": key}, token=token)


def bind_body(store: Store, digest: str, body: str) -> str:
    """Bind an Idempotency-Key's digest to the digest of a body; return the first one that was bound."""
    key = keys.request(digest)
    asked: list[Command[bytes | bool | None]] = [set_(key, body, "NX", "EX", ONCE_SECONDS), get(key)]
    _, first = store.many(asked)
    return first.decode() if isinstance(first, bytes) else body
