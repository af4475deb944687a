"""Leases and marks with a time to live: who works on something now, and what a request was first about."""

from kumo.store import keys
from kumo.store.client import Store
from kumo.store.entries import ONCE_SECONDS


def take(store: Store, key: str, token: str, milliseconds: int) -> bool:
    """Take a lease; False where another holds it."""
    return bool(store.client.set(key, token, nx=True, px=milliseconds))


def renew(store: Store, key: str, token: str, milliseconds: int) -> bool:
    """Hold a lease for longer, or take it again where it has ended; False where another holds it."""
    if take(store, key, token, milliseconds):
        return True
    return bool(store.client.get(key) == token.encode() and store.client.pexpire(key, milliseconds))


def release(store: Store, key: str, token: str) -> None:
    """Release a lease if it is still ours."""
    store.scripts.run("release", [key], [token])


def first_body(store: Store, digest: str, body: str) -> str:
    """Tie an Idempotency-Key's digest to the digest of a body; returns the one it was first tied to."""
    key = keys.request(digest)
    _, first = store.many([["SET", key, body, "NX", "EX", ONCE_SECONDS], ["GET", key]])
    return first.decode() if first else body
