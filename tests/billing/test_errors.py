"""The text of a refusal of a bill, and its quotes."""

import pytest

from kumo.billing import BillError
from kumo.billing.errors import quote


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (BillError("is empty"), "is empty"),
        (BillError("is empty", "a.csv"), "a.csv: is empty"),
        (BillError("is empty", row=0), "row 0: is empty"),
        (BillError("is empty", column="Cost"), "column Cost: is empty"),
        (BillError("is empty", "a.csv", 3, "Cost"), "a.csv, row 3, column Cost: is empty"),
    ],
)
def test_a_refusal_names_the_place_as_far_as_it_is_known(error: BillError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize(
    ("error", "file", "row"),
    [
        (BillError("x"), "outer", 9),
        (BillError("x", "inner"), "inner", 9),
        (BillError("x", row=0), "outer", 0),
        (BillError("x", "inner", 3), "inner", 3),
    ],
)
def test_the_deepest_place_that_is_said_stands(error: BillError, file: str, row: int) -> None:
    assert error.at("outer", 9) is error
    assert (error.file, error.row) == (file, row)
    assert error.at("outermost").row == row


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("", "''"),
        (None, "'None'"),
        ("a\nb\x1b[31m", r"'a\nb\x1b[31m'"),
        ("x" * 60, repr("x" * 60)),
        ("x" * 61, repr("x" * 57 + "...")),
        (["x" * 1000], repr("['" + "x" * 55 + "...")),
    ],
)
def test_a_quoted_value_is_short_and_holds_no_control_characters(value: object, quoted: str) -> None:
    assert quote(value) == quoted
