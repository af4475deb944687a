"""Policies in the store: one hash, name → JSON."""

import hashlib
import json
from enum import StrEnum

from kumo.domain.policies import Expected, KeptPolicy, Policy, in_order
from kumo.store import answers, keys, rows
from kumo.store.client import Store


class PolicyChange(StrEnum):
    """The result of a change."""

    DONE = "done"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    FULL = "full"


def save(store: Store, policy: Policy, most: int, expected: Expected) -> tuple[PolicyChange, KeptPolicy]:
    """Store a policy, or replace the one with its name, if that is as expected and there are at most `most`."""
    text = rows.dump(policy)
    return _change(store, policy.name, text, most, expected), KeptPolicy(policy, _revision(text.encode()))


def remove(store: Store, name: str, expected: Expected) -> PolicyChange:
    """Remove the policy with this name, if it is as expected."""
    return _change(store, name, "", 0, expected)


def _change(store: Store, name: str, text: str, most: int, expected: Expected) -> PolicyChange:
    one_of, none_of = ("" if revisions is None else json.dumps(revisions) for revisions in expected)
    names = {"policies": keys.POLICIES}
    answer = store.scripts.run("change_policy", names, name=name, text=text, most=most, one_of=one_of, none_of=none_of)
    return PolicyChange(answers.text(answer).decode())


def find(store: Store, name: str) -> KeptPolicy | None:
    """Return the policy with this name, or None."""
    text = store.client.hget(keys.POLICIES, name)
    return _read(name, text) if text else None


def list_all(store: Store) -> list[KeptPolicy]:
    """Return all policies in the order in which they are checked."""
    texts = store.client.hgetall(keys.POLICIES).items()
    found = {kept.policy.name: kept for kept in (_read(name.decode(), text) for name, text in texts)}
    return [found[policy.name] for policy in in_order(kept.policy for kept in found.values())]


def _read(name: str, text: bytes) -> KeptPolicy:
    return KeptPolicy(rows.load(Policy, text, f"{keys.POLICIES} {name}"), _revision(text))


def _revision(text: bytes) -> str:
    """Return the revision that change_policy.lua compares."""
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()
