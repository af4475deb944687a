"""An explanation says what was usual, how rare the entry is, and never fails, whatever the series held."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumo.domain import moments
from kumo.domain.entries import DAY_MS
from kumo.domain.evidence import Evidence
from kumo.domain.explaining import Explained, explain
from kumo.domain.judging import Record
from kumo.domain.policies import POLICIES

UNIT = 10**6


def explained(policy: str, amounts: list[int]) -> Explained:
    """Explain the last of some daily amounts, in micros."""
    judge = POLICIES[policy](3.0, 10)
    state = judge.unpack(b"")
    for day, amount in enumerate(amounts):
        record = Record(day + 1, "s", day + 1, (20_000 + day) * DAY_MS, amount, moments.of(amounts[:day][-100:]))
        before = state
        _, state = judge.judge(record, before)
    return explain(Evidence(record, "", policy, 3.0, 10, judge.pack(before)), "USD", [("i-1", 5 * UNIT)])


@pytest.mark.parametrize("policy", POLICIES)
def test_it_begins_with_the_verdict_and_names_what_drove_it(policy: str) -> None:
    found = explained(policy, [(100 + day % 3) * UNIT for day in range(40)] + [900 * UNIT])
    assert found.words[0] == found.verdict.reason("USD")
    assert "It is made up mostly of i-1 (5.00 USD)." in found.words
    assert found.words[-1].endswith("as the settings said then.")


def test_what_was_never_heard_of_is_named_as_that() -> None:
    found = explained("adaptive", [(100 + day % 3) * UNIT for day in range(40)] + [900 * UNIT])
    assert "It is 8.8 times the largest amount before, 102.00 USD." in found.words


@pytest.mark.parametrize("policy", POLICIES)
@settings(deadline=None, max_examples=50)
@given(amounts=st.lists(st.integers(-(10**18), 10**18) | st.sampled_from([0, 0, UNIT]), min_size=1, max_size=40))
def test_every_verdict_can_be_explained(policy: str, amounts: list[int]) -> None:
    assert all(explained(policy, amounts).words)
    assert all(explained(policy, [-abs(amount) for amount in amounts] + [10**15]).words)
