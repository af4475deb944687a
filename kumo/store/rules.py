"""Rules in the store: one hash, name → JSON."""

import json
from dataclasses import asdict
from typing import Any

from kumo.domain.rules import Combine, Rule, in_order
from kumo.store import keys
from kumo.store.client import Store


def keep(store: Store, rule: Rule) -> None:
    """Write a rule down, in place of the one of its name."""
    store.client.hset(keys.POLICIES, rule.name, json.dumps(asdict(rule), ensure_ascii=False, separators=(",", ":")))


def find(store: Store, name: str) -> Rule | None:
    """Return the rule of this name, or None."""
    text = store.client.hget(keys.POLICIES, name)
    return _read(text) if text else None


def listed(store: Store) -> list[Rule]:
    """Return all rules in the order in which they are asked."""
    return in_order(map(_read, store.client.hvals(keys.POLICIES)))


def count(store: Store) -> int:
    """Return how many rules there are."""
    return int(store.client.hlen(keys.POLICIES))


def remove(store: Store, name: str) -> bool:
    """Remove a rule; False where there is none of this name."""
    return bool(store.client.hdel(keys.POLICIES, name))


def _read(text: bytes) -> Rule:
    values: dict[str, Any] = json.loads(text)
    return Rule(**values | {"combine": Combine(values["combine"])})
