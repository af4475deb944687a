"""Rules in the store: one hash, name → JSON."""

import hashlib
import json
from enum import StrEnum
from typing import Final, NamedTuple

from kumo.domain.rules import Rule, in_order
from kumo.store import keys, rows
from kumo.store.client import Store


class KeptRule(NamedTuple):
    """A rule as it is kept, and its revision: a text that is another one after each change."""

    rule: Rule
    revision: str


class Expected(NamedTuple):
    """What a writer expects of a rule as it stands (RFC 9110, 13.1): one of some revisions, or none of some others.

    `*` is any revision; None is no expectation.
    """

    one_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None


NOTHING_EXPECTED: Final = Expected()


class RuleChange(StrEnum):
    """What became of a change."""

    DONE = "done"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    FULL = "full"


def keep(store: Store, rule: Rule, most: int, expected: Expected) -> tuple[RuleChange, KeptRule]:
    """Keep a rule in place of the one of its name, which has to be as expected; no more than `most` are kept."""
    text = rows.dump(rule)
    return _change(store, rule.name, text, most, expected), KeptRule(rule, _revision(text.encode()))


def remove(store: Store, name: str, expected: Expected) -> RuleChange:
    """Remove the rule of this name, which has to be as expected."""
    return _change(store, name, "", 0, expected)


def _change(store: Store, name: str, text: str, most: int, expected: Expected) -> RuleChange:
    conditions = ["" if revisions is None else json.dumps(revisions) for revisions in expected]
    answer = store.scripts.run("change_rule", [keys.POLICIES], [name, text, most, *conditions])
    return RuleChange(answer.decode())


def find(store: Store, name: str) -> KeptRule | None:
    """Return the rule of this name, or None."""
    text = store.client.hget(keys.POLICIES, name)
    return _read(name, text) if text else None


def listed(store: Store) -> list[KeptRule]:
    """Return all rules in the order in which they are asked."""
    texts = store.client.hgetall(keys.POLICIES).items()
    found = {kept.rule.name: kept for kept in (_read(name.decode(), text) for name, text in texts)}
    return [found[rule.name] for rule in in_order(kept.rule for kept in found.values())]


def _read(name: str, text: bytes) -> KeptRule:
    return KeptRule(rows.load(Rule, text, f"{keys.POLICIES} {name}"), _revision(text))


def _revision(text: bytes) -> str:
    """Return what change_rule.lua compares."""
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()
