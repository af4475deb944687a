"""change_rule.lua: of many who write at once one prevails, and there are never more rules than there may be."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from kumo.domain.rules import Rule
from kumo.store import client, rules
from kumo.store.client import Store
from kumo.store.rules import NOTHING_EXPECTED, Expected, RuleChange


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=1, window=5)


def changes(store: Store, found: list[Rule], expected: Expected, most: int = 200) -> Counter[RuleChange]:
    """Keep many rules at once."""
    with ThreadPoolExecutor(100) as pool:
        return Counter(pool.map(lambda rule: rules.keep(store, rule, most, expected)[0], found))


def test_of_many_changes_of_what_was_seen_one_is_made(store: Store) -> None:
    _, seen = rules.keep(store, Rule("a", 0), 200, NOTHING_EXPECTED)
    made = changes(store, [Rule("a", number) for number in range(1, 101)], Expected(one_of=(seen.revision,)))
    assert made == {RuleChange.DONE: 1, RuleChange.UNEXPECTED: 99}


def test_of_many_that_would_be_the_first_one_is(store: Store) -> None:
    made = changes(store, [Rule("a", number) for number in range(100)], Expected(none_of=("*",)))
    assert made == {RuleChange.DONE: 1, RuleChange.UNEXPECTED: 99}


def test_there_are_never_more_than_there_may_be(store: Store) -> None:
    found = [Rule(f"rule-{number}") for number in range(100)]
    assert changes(store, found, NOTHING_EXPECTED, most=5) == {RuleChange.DONE: 5, RuleChange.FULL: 95}
    assert len(rules.listed(store)) == 5
    kept = [row.rule for row in rules.listed(store)]
    assert changes(store, kept, NOTHING_EXPECTED, most=5) == {RuleChange.DONE: 5}


def test_what_is_kept_has_the_revision_that_the_script_compares(store: Store) -> None:
    change, kept = rules.keep(store, Rule("ä", match={"service": "Café ☕"}, threshold=1 / 3), 200, NOTHING_EXPECTED)
    assert change is RuleChange.DONE
    assert rules.find(store, "ä") == kept
    assert rules.remove(store, "ä", Expected(one_of=("other",))) is RuleChange.UNEXPECTED
    assert rules.remove(store, "ä", Expected(one_of=("other", kept.revision))) is RuleChange.DONE
    assert rules.remove(store, "ä", Expected(one_of=("*",))) is RuleChange.MISSING
