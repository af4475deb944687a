"""Amounts of a bill, exact: text becomes a Decimal, and sums of Decimals never round."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

from kumo.billing.errors import BillError, quote
from kumo.domain.money import MAX_AMOUNT_LENGTH, MAX_UNITS

# How files write that a cell is empty: NULL and null in FOCUS, \N in what Athena and Hive unload.
ABSENT: Final = frozenset({"", "NULL", "null", "\\N"})

# The default context rounds sums to 28 digits, without a word. This one holds every sum of amounts that `parse` lets
# through (13 digits before the point, at most 100 behind it, any number of rows), and says so if it ever could not.
EXACT: Final = Context(prec=160, rounding=ROUND_HALF_EVEN, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
add: Final = EXACT.add
subtract: Final = EXACT.subtract

_WITH_COMMA: Final = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+(?:[eE][-+]?\d+)?", re.ASCII)
_MARKS: Final = {",": "a decimal comma", ".": "a decimal point"}
_LARGEST: Final = Decimal(MAX_UNITS)
_SMALLEST: Final = -_LARGEST


def parse(value: object, column: str) -> Decimal | None:
    """Read an amount, or None where the cell is empty; raises `BillError` for anything that is not a plain number.

    A float, which only Parquet and JSON hold, counts as its shortest decimal form; NaN is how tables without nulls
    write an empty cell.
    """
    text = value if isinstance(value, str) else _text(value, column)
    if text in ABSENT:
        return None
    try:
        number = Decimal(text)
        # Decimal reads 1_000, which no bill means; the length bounds the digits, the exponent those of E notation.
        sound = _SMALLEST <= number <= _LARGEST and "_" not in text and len(text) <= MAX_AMOUNT_LENGTH
        if sound and (("e" not in text and "E" not in text) or _fine(number)):
            return number
    except InvalidOperation:
        if not text.strip():
            return None
    raise BillError(
        f"is not an amount: {quote(text)}; amounts are plain numbers such as -12.50 or 1.86E-8 of at most "
        f"{MAX_UNITS} units, without signs of a currency or separators of thousands; a decimal comma is read only "
        f"where a semicolon or a tab stands between cells",
        column=column,
    )


class LocalAmounts:
    """Reads the amounts of a file that may have a decimal comma, as spreadsheets in many languages write them.

    `mark` is what stood before the decimals so far: a file that has both is refused, since 1.234 may then be 1234.
    """

    def __init__(self) -> None:
        self.mark = ""

    def parse(self, value: object, column: str) -> Decimal | None:
        """Read an amount such as 10,5 or 1.234,50 or 10.5; raises `BillError` as `parse` does."""
        if not isinstance(value, str):
            return parse(value, column)
        if "," in value:
            if not _WITH_COMMA.fullmatch(value.strip()):
                return parse(value, column)
            self._settle(",", value, column)
            return parse(value.strip().replace(".", "").replace(",", "."), column)
        if "." in value:
            self._settle(".", value, column)
        return parse(value, column)

    def parse_beside(self, value: object) -> Decimal | None:
        """Read a number that is no amount, and by which no mark is told; raises `BillError` where it may mean two."""
        marks = {mark for mark in _MARKS if isinstance(value, str) and mark in value}
        other = LocalAmounts()
        other.mark = self.mark if marks == {"."} else ""
        return other.parse(value, "")

    def _settle(self, mark: str, value: str, column: str) -> None:
        if self.mark not in {"", mark}:
            raise BillError(
                f"is {quote(value)}, but other amounts have {_MARKS[self.mark]}: which of them separates thousands "
                f"cannot be told; use the file as it was downloaded",
                column=column,
            )
        self.mark = mark


def _text(value: object, column: str) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise BillError(f"is not an amount: {quote(value)}", column=column)
    return str(value)


def _fine(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_AMOUNT_LENGTH
