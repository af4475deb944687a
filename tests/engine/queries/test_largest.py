from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from kumo.engine.queries.largest import largest
from kumo.engine.queries.views import DailyTotal

DAY = date(2026, 1, 31)
ROWS = st.builds(
    DailyTotal,
    date=st.dates(DAY.replace(day=1), DAY),
    key=st.sampled_from("abcdef"),
    currency=st.sampled_from(["EUR", "USD"]),
    amount=st.integers(-(10**9), 10**9),
    entries=st.integers(1, 9),
)


def row(key: str | None, amount: int, currency: str = "USD", entries: int = 1, day: date = DAY) -> DailyTotal:
    return DailyTotal(date=day, key=key, currency=currency, amount=amount, entries=entries)


def test_the_largest_stay_and_the_others_are_one_row_a_day() -> None:
    rows = [row("a", 5), row("b", 9), row("c", 1), row("d", 2), row("c", 3, day=DAY.replace(day=30))]
    found = largest(rows, 2)
    assert found == [row("a", 5), row("b", 9), row(None, 3, entries=2), row(None, 3, day=DAY.replace(day=30))]


def test_a_credit_counts_by_its_size() -> None:
    assert largest([row("a", 5), row("b", -9)], 1) == [row("b", -9), row(None, 5)]


def test_each_currency_has_its_own_largest() -> None:
    rows = [row("a", 1, "EUR"), row("a", 900), row("b", 800)]
    assert largest(rows, 1) == [row("a", 1, "EUR"), row("a", 900), row(None, 800)]


def test_a_key_without_a_name_is_one_like_others() -> None:
    assert largest([row("", 5), row("b", 1)], 1) == [row("", 5), row(None, 1)]


@given(st.lists(ROWS, max_size=30), st.integers(1, 8))
def test_nothing_is_lost_or_added(rows: list[DailyTotal], count: int) -> None:
    found = largest(rows, count)
    assert sums(found) == sums(rows)
    keys = {(one.currency, one.key) for one in found if one.key is not None}
    assert all(sum(currency == known for known, _ in keys) <= count for currency in ("EUR", "USD"))


def sums(rows: list[DailyTotal]) -> Counter[tuple[date, str, str]]:
    total: Counter[tuple[date, str, str]] = Counter()
    for one in rows:
        total[one.date, one.currency, "amount"] += one.amount
        total[one.date, one.currency, "entries"] += one.entries
    return Counter({place: value for place, value in total.items() if value})
