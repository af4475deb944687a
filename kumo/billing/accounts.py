"""Ids of accounts, as far as what a spreadsheet or a table of floats did to them can be seen."""

import re
from collections.abc import Callable
from typing import Final

from kumo.billing.errors import BillError, quote
from kumo.billing.headers import Cells, Columns, ReadText

_ROUNDED: Final = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_FLOAT: Final = re.compile(r"(\d+)\.0+", re.ASCII)


def reader(columns: Columns, note: Callable[[str], None], *names: str) -> ReadText:
    """Make a reader of an account's id: the first of the columns that has one; empty where none has.

    Raises `BillError` for one that a spreadsheet has rounded: all accounts of a company would become one. One that was
    written as a float, 123456789012.0, is read as the whole number that it is, and that is noted.
    """
    read = columns.text(*names)
    column = next((columns.spell(name) for name in names if columns.find(name)), "")

    def account(cells: Cells) -> str:
        text = read(cells)
        if _ROUNDED.fullmatch(text):
            raise BillError(
                f"is no account id: {quote(text)}; a spreadsheet has rounded it, so that several accounts become one; "
                "use the file as it was downloaded",
                column=column,
            )
        if whole := _FLOAT.fullmatch(text):
            note(f"account ids are written as decimals; {quote(text)} is read as {whole[1]}")
            return whole[1]
        return text

    return account
