"""API keys in the store: one hash, name → JSON. Read at each request, so that a revoked key stops working at once."""

import json

from kumo.domain.access import ApiKey
from kumo.store import keys, rows
from kumo.store.client import Store


def add(store: Store, key: ApiKey) -> bool:
    """Store a key; return False if the name is taken."""
    kept = {"scopes": sorted(key.scopes), "digest": key.digest, "created_at": key.created_at}
    store.client.hset(keys.LAYOUT, "keyed", 1)
    return bool(store.client.hsetnx(keys.API_KEYS, key.name, json.dumps(kept)))


def find(store: Store, name: str) -> ApiKey | None:
    """Return the key with this name, or None."""
    text = store.client.hget(keys.API_KEYS, name)
    return _read(name, text) if text else None


def list_keys(store: Store) -> list[ApiKey]:
    """Return all keys by name."""
    found = store.client.hgetall(keys.API_KEYS)
    return [_read(name.decode(), text) for name, text in sorted(found.items())]


def has_had_key(store: Store) -> bool:
    """Return whether a key has ever existed: after the last one is revoked, a key is still required."""
    return bool(store.client.hexists(keys.LAYOUT, "keyed"))


def revoke(store: Store, name: str) -> bool:
    """Remove a key; return False if there is none with this name."""
    return bool(store.client.hdel(keys.API_KEYS, name))


def _read(name: str, text: bytes) -> ApiKey:
    return rows.load(ApiKey, text, f"{keys.API_KEYS} {name}", name=name)
