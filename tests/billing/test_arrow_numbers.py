"""Numbers of Arrow that can be summed exactly, and those that must be read one by one."""

from decimal import Decimal, localcontext
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import compute as pc

from kumo.billing.arrow_numbers import UnusualError, largest, numbers, widen
from kumo.domain.money import MAX_UNITS


def add_up(column: pa.Array) -> Decimal | None:
    """Sum a column as rows that are grouped are."""
    found: Decimal | None = pc.sum(widen(pa.chunked_array([numbers(column)]))).as_py()
    return found


@pytest.mark.parametrize(
    ("kind", "values", "total"),
    [
        (pa.null(), [None, None], None),
        (pa.float64(), [], None),
        (pa.float64(), [0.1, 0.2], "0.3"),
        (pa.float64(), [0.1, float("nan"), None], "0.1"),
        (pa.float64(), [float("nan")], None),
        (pa.float64(), [1e-30, 12_345.6789], f"12345.6789{'0' * 25}1"),
        (pa.float64(), [9_999.0, -0.0], "9999"),
        (pa.float32(), [0.1, -0.3], "-0.2"),
        (pa.int64(), [-5, 7], "2"),
        (pa.uint64(), [MAX_UNITS], str(MAX_UNITS)),
        (pa.decimal128(38, 38), [Decimal("0.1"), Decimal("-0.3")], "-0.2"),
        (pa.decimal128(20, 10), [Decimal("1e-10"), Decimal(9999999999)], "9999999999.0000000001"),
        (pa.decimal128(38, 18), [Decimal("1e-18"), Decimal(MAX_UNITS)], f"{MAX_UNITS}.000000000000000001"),
        (pa.decimal128(20, 0), [Decimal(7), None], "7"),
    ],
)
def test_numbers_are_summed_as_their_shortest_texts_say(
    kind: pa.DataType, values: list[Any], total: str | None
) -> None:
    assert add_up(pa.array(values, kind)) == (Decimal(total) if total else None)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.string(), ["1"]),
        (pa.bool_(), [True]),
        (pa.timestamp("ms"), [0]),
        (pa.float64(), [float("inf")]),
        (pa.float64(), [5e-324]),
        (pa.float64(), [1e40]),
        (pa.int64(), [MAX_UNITS + 1]),
        (pa.int64(), [-MAX_UNITS - 1]),
        (pa.decimal128(38, 0), [Decimal(MAX_UNITS + 1)]),
        (pa.decimal256(60, 39), [Decimal(1)]),
        (pa.decimal128(5, -2), [Decimal(100)]),
    ],
)
def test_what_cannot_be_summed_exactly_is_read_row_by_row(kind: pa.DataType, values: list[Any]) -> None:
    with pytest.raises(UnusualError):
        numbers(pa.array(values, kind))


@given(st.lists(st.floats(-1e12, 1e12).filter(lambda number: not 0 < abs(number) < 1e-20), max_size=20))
def test_a_sum_of_floats_is_that_of_their_shortest_texts(values: list[float]) -> None:
    with localcontext(prec=200):
        expected = sum((Decimal(repr(value)) for value in values), Decimal(0))
    assert add_up(pa.array(values, pa.float64())) == (expected if values else None)


@pytest.mark.parametrize(
    ("values", "found"), [([], 0), ([None], 0), (["-3", "2"], 3), (["1", None, "-0.5"], 1), (["-1e-10"], "1e-10")]
)
def test_the_largest_of_some_numbers_is_told_without_its_sign(values: list[str | None], found: object) -> None:
    column = pa.array([None if each is None else Decimal(each) for each in values], pa.decimal128(20, 10))
    assert largest(column) == Decimal(str(found))
