"""Columns by folded name, and readers of their cells."""

from decimal import Decimal

import pytest

from kumo.billing import BillError
from kumo.billing.headers import NOT_A_NUMBER, Columns, Headers, fold, together


def columns(*names: str, lazy: bool = False, open_ended: bool = False, decimal_comma: bool = False) -> Columns:
    return Columns(Headers(names), lazy=lazy, open_ended=open_ended, decimal_comma=decimal_comma)


@pytest.mark.parametrize(
    ("header", "folded"),
    [
        ("lineItem/UsageType", "lineitemusagetype"),
        ("line_item_usage_type", "lineitemusagetype"),
        (" Cost ($) ", "cost"),
        ("", ""),
        ("/_. ", ""),
        ("Straße", "strasse"),
    ],
)
def test_headers_are_compared_by_their_letters_and_digits(header: str, folded: str) -> None:
    assert fold(header) == folded


def test_the_first_of_two_columns_of_one_name_counts() -> None:
    headers = Headers(["Cost", "cost", "COST "])
    assert headers.folded == {"cost": 0}
    assert headers.has("cost", "date", "cost") == 2


def test_a_name_in_brackets_counts_where_no_column_has_it_for_its_own() -> None:
    headers = Headers(["Kosten (Cost)", "Datum (Date)", "Date", "Größe (数)"])
    assert (headers.folded["cost"], headers.folded["date"]) == (0, 2)
    assert len(headers.folded) == 5


def test_columns_are_found_in_the_order_asked_for() -> None:
    table = columns("a", "b", "c")
    assert table.find("c", "x", "a") == [2, 0]
    assert table.last == 2
    assert columns("a").last is None


def test_a_lazy_table_gives_places_in_the_order_of_asking_and_each_once() -> None:
    table = columns("a", "b", "c", lazy=True)
    assert (table.find("c", "a"), table.find("a", "b"), table.wanted) == ([0, 1], [1, 2], ["c", "a", "b"])


def test_a_table_that_is_open_ended_has_every_column_those_of_its_first_record_first() -> None:
    table = columns("b", lazy=True, open_ended=True)
    assert table.require("amount", "a", "b") == "b"
    assert table.require("amount", "c", "d") == "c"
    assert table.value("a", "b")(["of b", "of c", "of a"]) == "of b"


def test_a_column_that_must_be_there_is_named_with_what_was_seen_instead() -> None:
    with pytest.raises(
        BillError, match=r"has no column for the date; looked for date or day, saw Kosten, x\d"
    ) as caught:
        columns("Kosten", *(f"x{number}" for number in range(99))).require("date", "date", "day")
    assert "x38" in str(caught.value)
    assert "x39" not in str(caught.value)


def test_a_name_is_spelled_as_the_file_has_it() -> None:
    table = columns("Line/Cost", "Datum (Date)")
    assert [table.spell(name) for name in ("linecost", "date", "other")] == ["Line/Cost", "Datum (Date)", "other"]


def test_columns_of_a_prefix_are_those_that_go_on() -> None:
    table = columns("tags", "tags/env", "tags/Team", "tag", "tags.env", "Beschriftung (tagsX)")
    assert table.starting("tags") == ["tags/env", "tags/Team"]


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (["a", "b", "c"], "a"),
        (["", "b", "c"], "b"),
        (["NULL", "\\N", "c"], "c"),
        ([None, None, None], ""),
        ([None, 5, "c"], "5"),
        ([False, "b", "c"], "false"),
        ([[], "b", "c"], "[]"),
        ([" ", "b", "c"], " "),
    ],
)
def test_the_first_of_the_columns_that_has_a_text_is_read(cells: list[object], text: str) -> None:
    assert columns("x", "y", "z").text("x", "y", "z")(cells) == text


def test_without_a_column_there_is_nothing_to_read() -> None:
    table = columns("x")
    assert (table.text("y")(["a"]), table.value("y")(["a"])) == ("", None)
    assert table.amount("y") is table.quantity("y") is None
    assert table.text("x")(["NULL"]) == ""


def test_an_amount_is_of_the_first_column_that_exists_even_if_it_is_empty() -> None:
    table = columns("Cost", "Other")
    read = table.amount("net", "cost", "other")
    assert read is not None
    assert (read(["1.5", "2"]), read(["", "2"])) == (Decimal("1.5"), None)
    with pytest.raises(BillError) as caught:
        read(["x", "2"])
    assert (caught.value.column, table.amounts, table.needed) == ("Cost", ["Cost"], {0})


@pytest.mark.parametrize("cell", ["x", "1,5", [1], True, "1e999", "inf"])
def test_a_quantity_that_is_no_number_refuses_nothing(cell: object) -> None:
    read = columns("q").quantity("q")
    assert read is not None
    assert read([cell]) is NOT_A_NUMBER
    assert read([""]) is None
    assert read(["-2.50"]) == Decimal("-2.5")


def test_a_decimal_comma_is_noticed_in_amounts_only() -> None:
    table = columns("cost", "q", decimal_comma=True)
    cost, quantity = table.amount("cost"), table.quantity("q")
    assert cost is not None
    assert quantity is not None
    assert (quantity(["", "1,5"]), table.has_decimal_comma) == (Decimal("1.5"), False)
    assert (cost(["1.234,5", ""]), table.has_decimal_comma) == (Decimal("1234.5"), True)
    assert not columns("cost").has_decimal_comma


def test_records_can_be_grouped_unless_a_number_is_also_read_as_something_else() -> None:
    table = columns("cost", "service")
    table.amount("cost")
    table.text("service")
    assert not table.can_group
    table.adds_up = True
    assert table.can_group
    table.text("cost")
    assert not table.can_group


@pytest.mark.parametrize(("places", "cells"), [([], ()), ([1], "b"), ([2, 0], ("c", "a"))])
def test_several_cells_are_read_at_once(places: list[int], cells: object) -> None:
    assert together(places)(["a", "b", "c"]) == cells
