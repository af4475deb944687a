"""change_policy.lua: of many concurrent writes one wins, and the number of policies is limited."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from kumo.domain.policies import NOTHING_EXPECTED, Expected, Policy
from kumo.store import client, policies
from kumo.store.client import Store
from kumo.store.policies import PolicyChange


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=1, window=5)


def changes(store: Store, found: list[Policy], expected: Expected, most: int = 200) -> Counter[PolicyChange]:
    """Keep many policies at once."""
    with ThreadPoolExecutor(100) as pool:
        return Counter(pool.map(lambda policy: policies.save(store, policy, most, expected)[0], found))


@pytest.mark.server  # redis.sha1hex
def test_there_are_never_more_than_there_may_be(store: Store) -> None:
    found = [Policy(f"policy-{number}") for number in range(100)]
    assert changes(store, found, NOTHING_EXPECTED, most=5) == {PolicyChange.DONE: 5, PolicyChange.FULL: 95}
    assert len(policies.list_all(store)) == 5
    kept = [row.policy for row in policies.list_all(store)]
    assert changes(store, kept, NOTHING_EXPECTED, most=5) == {PolicyChange.DONE: 5}


@pytest.mark.server  # redis.sha1hex
def test_what_is_kept_has_the_revision_that_the_script_compares(store: Store) -> None:
    wanted = Policy("ä", match={"service": "Café ☕"}, threshold=1 / 3)
    change, kept = policies.save(store, wanted, 200, NOTHING_EXPECTED)
    assert change is PolicyChange.DONE
    assert policies.find(store, "ä") == kept
    assert policies.remove(store, "ä", Expected(one_of=("other",))) is PolicyChange.UNEXPECTED
    assert policies.remove(store, "ä", Expected(one_of=("other", kept.revision))) is PolicyChange.DONE
    assert policies.remove(store, "ä", Expected(one_of=("*",))) is PolicyChange.MISSING
