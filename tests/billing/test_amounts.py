"""Amounts and their sums are exact, whatever a bill may write."""

from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from kumo.billing import daily
from kumo.billing.amounts import add, parse
from tests.billing.samples import FOCUS, rows_of, written

AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=28)
SIGNED = st.tuples(st.integers(-(10**15), 10**15), st.integers(-60, -4)).map(lambda parts: f"{parts[0]}E{parts[1]}")
TEXTS = st.one_of(AMOUNTS.map(str), AMOUNTS.map("{:e}".format), SIGNED, st.integers(-(10**12), 10**12).map(str))


def summed(texts: list[str]) -> Decimal:
    with localcontext(prec=400):
        return sum(map(Decimal, texts), Decimal(0))


@given(TEXTS)
def test_an_amount_is_read_to_its_last_digit(text: str) -> None:
    assert parse(text, "Cost") == Decimal(text)


@given(st.lists(TEXTS, max_size=50))
def test_a_sum_is_exact_in_any_order(texts: list[str]) -> None:
    results = set()
    for order in (texts, texts[::-1]):
        total = Decimal(0)
        for text in order:
            total = add(total, parse(text, "Cost") or Decimal(0))
        results.add(total)
    assert results == {summed(texts)}


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=20))
@settings(max_examples=50)
def test_totals_of_a_bill_are_exact(costs: list[tuple[str, str]]) -> None:
    records = [FOCUS | {"BilledCost": billed, "EffectiveCost": amount} for amount, billed in costs]
    (total,) = daily(rows_of(written(*records)))
    assert total.amount == summed([amount for amount, _ in costs])
    assert total.billed == summed([billed for _, billed in costs])


@given(st.floats(-1e12, 1e12).filter(lambda number: not 0 < abs(number) < 1e-80))
def test_a_float_counts_as_its_shortest_form(number: float) -> None:
    assert parse(number, "Cost") == Decimal(repr(number))


def test_an_empty_amount_is_none() -> None:
    assert [parse(value, "Cost") for value in (None, "", " ", "NULL", "null", "\\N", float("nan"))] == [None] * 7


def test_signs_and_spaces_around_an_amount_are_no_trouble() -> None:
    values = [parse(text, "Cost") for text in (" 12.5 ", "+3", ".5", "5.", "-0.0", "1.86E-8")]
    assert values == [Decimal(text) for text in ("12.5", "3", "0.5", "5", "0", "0.0000000186")]
