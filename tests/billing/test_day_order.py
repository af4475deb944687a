"""Slash dates whose day may stand before the month."""

import pytest

from kumo.billing import BillError
from kumo.billing.day_order import DayOrder
from kumo.billing.moments import TimeReader


def order() -> DayOrder:
    return DayOrder(TimeReader(month_first=True), "Date")


@pytest.mark.parametrize(
    ("value", "period"),
    [
        ("09/02/2026", "09/01/2026"),
        ("9/30/2026", "2026-09-01"),
        ("10/01/2026", "09/01/2026"),  # the 31st day: periods of every length
        ("02/09/2026", ""),
        ("02/09/2026", None),
        ("02/09/2026", "soon"),
        ("02/02/2026", "09/01/2026"),  # the same either way
        ("01/15/2026", "09/01/2026"),  # no month 15
        ("02/03/2026", "11/01/2026"),  # in neither reading
        ("02/09/2026", "09/01/2026"),  # neither: a period is read as its days are
        ("2026-02-09", "09/01/2026"),
        (20_260_209, "09/01/2026"),
        (None, None),
    ],
)
def test_a_day_is_taken_where_no_other_reading_is_in_its_billing_period(value: object, period: object) -> None:
    order().check(value, period)


@pytest.mark.parametrize(
    ("value", "period"),
    [
        ("02/09/2026", "01/09/2026"),  # the period has its day first too
        ("2/9/2026 12:00", "2026-09-01"),
        ("12/11/2026", "2026-11-01"),
    ],
)
def test_a_day_in_its_billing_period_only_with_the_day_first_is_refused(value: object, period: object) -> None:
    with pytest.raises(BillError, match="unless the day comes before the month") as caught:
        order().check(value, period)
    assert caught.value.column == "Date"


@pytest.mark.parametrize(
    ("days", "refused"),
    [
        ([], False),
        (["01/05/2026", "02/05/2026"], False),
        (["01/05/2026", "02/05/2026", "03/05/2026"], True),
        (["01/05/2026"] * 9, False),
        (["01/05/2026", "02/05/2026", "03/06/2026"], False),
        (["2026-01-05", "2026-02-05", "2026-03-05"], False),
    ],
)
def test_three_days_of_one_number_look_like_one_month_with_the_day_first(days: list[str], *, refused: bool) -> None:
    checked = order()
    for day in days:
        checked.check(day, None)
    if refused:
        with pytest.raises(BillError, match="only dates of day 5 of a month"):
            checked.close()
    else:
        checked.close()
