"""Charge categories: the spellings of FOCUS and ours, and nothing else."""

import pytest

from kumo.domain.categories import parse_category


@pytest.mark.parametrize(
    ("text", "category"),
    [("usage", ""), ("Usage", ""), ("tax", "tax"), ("Tax", "tax"), ("refund", "refund"), ("Adjustment", "adjustment")],
)
def test_a_category_is_read_as_focus_and_as_we_write_it_and_usage_is_none(text: str, category: str) -> None:
    assert parse_category(text) == category


@pytest.mark.parametrize("value", ["", "USAGE", "Refund", " tax", "taxes", None, 1, True, ["tax"], {"tax": 1}])
def test_anything_else_is_refused_with_what_is_allowed(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be one of .*Usage.*tax"):
        parse_category(value)
