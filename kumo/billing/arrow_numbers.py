"""Numbers of Arrow that can be summed exactly: decimals, and floats as the decimals of their shortest texts."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from kumo.domain.money import MAX_UNITS

if TYPE_CHECKING:
    import pyarrow as pa

_DIGITS: Final = 76
_SCALE: Final = 40
# With this number of decimal digits there is room for the sums of all rows that are grouped at once.
_ROOMY: Final = 31
# Floats that are multiples of this fraction, and below 10^14, are exactly their shortest texts.
_FRACTION: Final = 10**10
_WHOLE: Final = 10.0**14


class UnusualError(Exception):
    """The rows must be read one by one: a column cannot be summed exactly, or grouping gains nothing."""


def numbers(column: "pa.Array") -> "pa.Array":
    """Return the numbers of a column in a form that can be summed; raise `UnusualError` if that is not exact."""
    import pyarrow as pa
    from pyarrow import compute as pc

    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.decimal256(_DIGITS, _SCALE))
    if pa.types.is_floating(kind):
        return _floats(column)
    if not (pa.types.is_decimal(kind) or pa.types.is_integer(kind)):
        raise UnusualError
    if pa.types.is_integer(kind):
        column = pc.cast(column, pa.decimal128(20, 0))
    if not 0 <= column.type.scale <= _SCALE - 2 or largest(column) > MAX_UNITS:
        raise UnusualError
    # Arrow would not report that a sum has more digits than its type.
    return column.cast(pa.decimal128(38, column.type.scale)) if column.type.precision <= _ROOMY else _exact(column)


def _floats(column: "pa.Array") -> "pa.Array":
    """Return floats as decimals of their shortest texts; multiples of 10^-10 need no text."""
    import pyarrow as pa
    from pyarrow import compute as pc

    column = pc.if_else(pc.is_nan(column), None, column)
    if pa.types.is_float64(column.type):
        whole = pc.round(pc.multiply(column, float(_FRACTION)))
        is_small = pc.less(pc.abs(whole), _WHOLE)
        if pc.all(pc.and_(is_small, pc.equal(pc.divide(whole, float(_FRACTION)), column))).as_py() is not False:
            return whole.cast(pa.int64())
    return _exact(column.cast(pa.string()))


def _exact(column: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    try:
        return column.cast(pa.decimal256(_DIGITS, _SCALE))
    except pa.ArrowInvalid:
        raise UnusualError from None


def widen(sums: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Return sums with room for more, numbers of rows unchanged."""
    import pyarrow as pa
    from pyarrow import compute as pc

    if pa.types.is_integer(sums.type):
        fraction = pa.scalar(Decimal(1) / _FRACTION, pa.decimal128(11, 10))
        sums = pc.multiply(sums.cast(pa.decimal128(19, 0)), fraction)
    return sums.cast(pa.decimal256(_DIGITS, _SCALE))


def largest(column: "pa.Array") -> Decimal:
    """Return the largest magnitude of some numbers; 0 if there are none."""
    from pyarrow import compute as pc

    # A plain abs() would round to the digits of the context.
    found = pc.min_max(column).as_py()
    return max((each.copy_abs() for each in found.values() if each is not None), default=Decimal(0))
