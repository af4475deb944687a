"""Exact amounts of a bill: text becomes a Decimal, and sums of Decimals never round."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

from kumo.billing.errors import BillError, quote
from kumo.domain.money import MAX_AMOUNT_LENGTH, MAX_UNITS

# Spellings of an empty cell: NULL and null in FOCUS, \N in files that Athena and Hive unload.
ABSENT: Final = frozenset({"", "NULL", "null", "\\N"})

# The default context silently rounds sums to 28 digits. This one holds every sum of amounts that `parse` accepts
# (13 digits before the point, at most 100 behind it, any number of rows), and raises if it ever could not.
EXACT: Final = Context(prec=160, rounding=ROUND_HALF_EVEN, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
add: Final = EXACT.add
subtract: Final = EXACT.subtract

_WITH_COMMA: Final = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+(?:[eE][-+]?\d+)?", re.ASCII)
_MARKS: Final = {",": "a decimal comma", ".": "a decimal point"}
_LARGEST: Final = Decimal(MAX_UNITS)
_SMALLEST: Final = -_LARGEST


def parse(value: object, column: str) -> Decimal | None:
    """Parse an amount, or return None for an empty cell; raise `BillError` for anything that is not a plain number.

    A float, which only Parquet and JSON contain, counts as its shortest decimal form; NaN is an empty
    cell of tables without nulls.
    """
    text = value if isinstance(value, str) else _text(value, column)
    if text in ABSENT:
        return None
    try:
        number = Decimal(text)
        # Decimal accepts 1_000, which no bill means; the length limits the digits, the exponent those of E notation.
        sound = _SMALLEST <= number <= _LARGEST and "_" not in text and len(text) <= MAX_AMOUNT_LENGTH
        if sound and (("e" not in text and "E" not in text) or _fine(number)):
            return number
    except InvalidOperation:
        if not text.strip():
            return None
    raise BillError(
        f"is not an amount: {quote(text)}; amounts are plain numbers such as -12.50 or 1.86E-8 of at most "
        f"{MAX_UNITS} units, without currency signs or thousands separators; a decimal comma is allowed only "
        f"if cells are separated by semicolons or tabs",
        column=column,
    )


class LocalAmounts:
    """Parses the amounts of a file that may have a decimal comma, as spreadsheets in many languages write them.

    `mark` is the decimal mark so far: a file with both marks is refused, because 1.234 may then be 1234.
    """

    def __init__(self) -> None:
        self.mark = ""

    def parse(self, value: object, column: str) -> Decimal | None:
        """Parse an amount such as 10,5 or 1.234,50 or 10.5; raise `BillError` as `parse` does."""
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
        """Parse a number that is not an amount, without learning its mark; raise `BillError` if it is ambiguous."""
        marks = {mark for mark in _MARKS if isinstance(value, str) and mark in value}
        other = LocalAmounts()
        other.mark = self.mark if marks == {"."} else ""
        return other.parse(value, "")

    def _settle(self, mark: str, value: str, column: str) -> None:
        if self.mark not in {"", mark}:
            raise BillError(
                f"is {quote(value)}, but other amounts have {_MARKS[self.mark]}: it is unclear which one separates "
                f"thousands; use the original download",
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
