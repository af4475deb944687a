"""Account ids, with checks for damage by spreadsheets and tables of floats."""

import re
from collections.abc import Callable
from typing import Final

from kumo.billing.errors import BillError, quote
from kumo.billing.headers import Cells, Columns, ReadText

_ROUNDED: Final = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_FLOAT: Final = re.compile(r"(\d+)\.0+", re.ASCII)


def reader(columns: Columns, note: Callable[[str], None], *names: str) -> ReadText:
    """Return a reader of an account's id: the first of the columns with a value; empty if none has one.

    Raises `BillError` for an id that a spreadsheet has rounded, because all accounts of a company would become one. An
    id that was written as a float, 123456789012.0, is read as an integer, with a note.
    """
    read = columns.text(*names)
    column = next((columns.spell(name) for name in names if columns.find(name)), "")

    def account(cells: Cells) -> str:
        text = read(cells)
        if _ROUNDED.fullmatch(text):
            raise BillError(
                f"is not an account id: {quote(text)}; a spreadsheet has rounded it and merged several accounts; "
                "use the original download",
                column=column,
            )
        if whole := _FLOAT.fullmatch(text):
            note(f"account ids are written as decimals; {quote(text)} is read as {whole[1]}")
            return whole[1]
        return text

    return account
