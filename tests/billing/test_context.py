"""What one reading of a bill carries along: currencies, notes and tags."""

import pytest

from kumo.billing import BillError, Options
from kumo.billing.context import MAX_NOTES, Context
from kumo.billing.headers import Columns, Headers


def columns(*names: str) -> Columns:
    return Columns(Headers(names))


def notes(context: Context) -> list[str]:
    return [str(note) for note in context.notes.values()]


@pytest.mark.parametrize(
    ("text", "given", "code", "noted"),
    [
        ("USD", "", "USD", False),
        (" usd ", "", "USD", False),
        ("", "EUR", "EUR", False),
        ("  ", "eur", "EUR", False),
        ("USD", "EUR", "USD", False),
        ("Credits", "", "Credits", True),
        ("BTC", "", "BTC", True),
    ],
)
def test_a_currency_is_that_of_the_row_before_the_one_that_is_given(
    text: str, given: str, code: str, *, noted: bool
) -> None:
    context = Context(Options(currency=given))
    assert context.settle(text) == code
    assert (len(notes(context)) == 1) is noted


def test_a_row_without_any_currency_is_refused_with_its_column() -> None:
    read = Context(Options()).currency(columns("Cost", "Currency Code"), "currencycode", "currency")
    with pytest.raises(BillError) as caught:
        read(["1", ""])
    assert caught.value.column == "Currency Code"


def test_currencies_are_remembered_as_they_were_read() -> None:
    context = Context(Options(currency="EUR"))
    read = context.currency(columns("a", "b"), "b", "a")
    assert [read(["usd", ""]), read(["usd", "GBP"]), read(["", "NULL"])] == ["USD", "GBP", "EUR"]
    assert context.currencies == {"usd": "USD", "GBP": "GBP", "": "EUR"}


def test_a_note_is_made_once_with_the_row_that_showed_it_first() -> None:
    context = Context(Options())
    rows = iter((7, 8))
    context.where = lambda: next(rows)
    context.note("odd")
    context.note("odd")
    context.remark("in all")
    context.remark("in all")
    assert notes(context) == ["odd (first in row 7)", "in all"]


def test_notes_of_rows_are_bounded_and_remarks_are_not_lost_by_that() -> None:
    context = Context(Options())
    for number in range(10 * MAX_NOTES):
        context.note(str(number))
    context.remark("in all")
    assert len(context.notes) == MAX_NOTES + 1
    assert notes(context)[-1] == "in all"


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ('{"Team": "ml", "x": "1"}', {"Team": "ml"}),
        ([("team", "ml"), ("x", "1")], {"team": "ml"}),
        ("", {}),
        (None, {}),
        ([], {}),
    ],
)
def test_tags_are_read_of_texts_and_values_and_only_those_that_are_asked_for(
    cell: object, tags: dict[str, str]
) -> None:
    context = Context(Options(tag_keys=("team",)))
    read = context.tags(columns("Tags"), "tags")
    assert read([cell]) == read([cell]) == tags
    assert notes(context) == []


@pytest.mark.parametrize("cell", ["env=prod", "[1]", [1], 5])
def test_tags_that_cannot_be_read_are_noted_and_refuse_nothing(cell: object) -> None:
    context = Context(Options())
    assert context.tags(columns("Tags"), "tags")([cell]) == {}
    assert len(notes(context)) == 1


def test_tags_that_nobody_asks_for_are_not_even_found() -> None:
    table = columns("Tags")
    assert Context(Options(tag_keys=())).tags(table, "tags")(["nonsense"]) == {}
    assert table.last is None


def test_days_are_checked_only_where_slash_dates_are_read() -> None:
    context = Context(Options())
    assert context.check_days(lambda _: "02/09/2026", lambda _: "", "Date") is None
    context.moments.month_first = True
    check = context.check_days(lambda cells: cells[0], lambda cells: cells[1], "Date")
    assert check is not None
    check(["09/02/2026", "2026-09-01"])
    with pytest.raises(BillError):
        check(["02/09/2026", "2026-09-01"])
    assert len(context.closing) == 1
