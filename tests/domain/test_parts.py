"""The parts of an entry: rounded to micros without losing one, named by tags, and shared by size."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.parts import Labels, label, round_parts, share


@pytest.mark.parametrize(
    ("parts", "amount", "rounded"),
    [
        ([], 0, {}),
        ([("a", "0")], 0, {"a": 0}),
        ([("a", "1.5"), ("b", "-0.5")], 1_000_000, {"a": 1_500_000, "b": -500_000}),
        # A third of a micro each: the first one gets the micro that is left.
        ([("a", "0.0000003"), ("b", "0.0000003"), ("c", "0.0000004")], 1, {"a": 0, "b": 0, "c": 1}),
        ([("a", "0.0000005"), ("b", "0.0000005")], 1, {"a": 1, "b": 0}),
        ([("a", "-0.0000005"), ("b", "-0.0000005")], -1, {"a": 0, "b": -1}),
        ([("a", "-0.0000001"), ("b", "0.0000001")], 0, {"a": 0, "b": 0}),
        ([("a", "1e-80"), ("b", "9999999999999")], 9_999_999_999_999_000_000, {"a": 0, "b": 9_999_999_999_999_000_000}),
    ],
)
def test_parts_are_rounded_to_micros_that_add_up(
    parts: list[tuple[str, str]], amount: int, rounded: dict[str, int]
) -> None:
    assert round_parts([(name, Decimal(value)) for name, value in parts], amount) == rounded


@given(st.lists(st.decimals("-1e12", "1e12", allow_nan=False, places=9), min_size=1, max_size=50))
def test_rounded_parts_sum_to_the_rounded_amount(amounts: list[Decimal]) -> None:
    total = round(sum(amounts, Decimal(0)).scaleb(6))
    found = round_parts([(str(number), amount) for number, amount in enumerate(amounts)], total)
    assert sum(found.values()) == total
    for micros, exact in zip(found.values(), amounts, strict=True):
        assert abs(micros - exact.scaleb(6)) < 1


@pytest.mark.parametrize(
    ("tags", "labels"),
    [
        ({"Team": "ml", "team": "web"}, {"team": {"ml": 5}}),
        ({"Team": "", "team": "web"}, {"team": {"web": 5}}),
        ({"team": " \u200b"}, {}),
        ({}, {}),
    ],
)
def test_the_first_tag_of_a_key_that_has_a_value_is_its_label(tags: dict[str, str], labels: Labels) -> None:
    assert label(5, tags, {}) == labels


def test_parts_are_labels_by_keys_as_they_are_compared() -> None:
    assert label(5, {}, {"Team": {"ml": 4, "": 1}}) == {"team": {"ml": 4, "": 1}}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"ml": 8, "web": 2}, 0.8),
        ({"ml": -8, "web": 2}, 0.8),
        ({"ml": 5, "": 5}, 0.5),
        ({"ml": 0}, 1.0),
        ({"ml": 0, "web": 0}, 0.5),
        ({"": 4}, 0.0),
        ({}, 0.0),
    ],
)
def test_a_share_is_by_magnitude(parts: dict[str, int], expected: float) -> None:
    assert share(parts, lambda value: value != "web") == pytest.approx(expected)
