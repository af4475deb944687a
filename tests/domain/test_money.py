from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain import money


@pytest.mark.parametrize(
    ("sent", "micros"),
    [
        (50.5, 50_500_000),
        ("50.5", 50_500_000),
        (0, 0),
        ("-0", 0),
        (-3, -3_000_000),
        ("0.000001", 1),
        ("1.86E-8", 0),
        ("0.0000005", 0),  # half to even: down
        ("0.0000015", 2),  # half to even: up
        ("0.00000050000000000000000001", 1),  # above the half, however little
        (Decimal("0.123456789"), 123_457),
        (10**12, 10**18),
        ("-1000000000000.0000004", -(10**18)),
        ("0." + "0" * 90 + "1", 0),
        ("1e-9999", 0),
        (0.1, 100_000),
    ],
)
def test_an_amount_is_rounded_half_to_even_at_the_sixth_decimal(sent: object, micros: int) -> None:
    assert money.to_micros(sent) == micros


@pytest.mark.parametrize(
    "sent",
    [
        None,
        True,
        [],
        {},
        "",
        " 1",
        "1 ",
        "1,000.00",
        "$5",
        "NaN",
        "Infinity",
        "0x10",
        "١٢",
        "1_000",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("-Infinity"),
        10**12 + 1,
        "1000000000000.000001",
        "1" * 40,
        10**4000,
        "1e9999",
        "1" * 101,
    ],
)
def test_what_is_no_amount_is_refused_in_words(sent: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        money.to_micros(sent)


@given(st.integers(-money.MAX_MICROS, money.MAX_MICROS))
def test_an_amount_comes_back_to_the_last_digit(micros: int) -> None:
    assert money.to_micros(money.exact(micros)) == micros
    assert Decimal(money.exact(micros)) == Decimal(micros).scaleb(-6)


@given(st.integers(0, 10**40))
def test_a_sum_of_squares_is_written_exactly(squares: int) -> None:
    text = money.exact_square(squares)
    whole, _, part = text.partition(".")
    assert int(whole + part.ljust(12, "0")) == squares


def test_a_float_of_units_becomes_the_nearest_micros() -> None:
    assert money.micros_of(50.95) == 50_950_000
    assert money.micros_of(-1 / 3) == -333_333
