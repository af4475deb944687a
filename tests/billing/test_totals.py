"""Rows become one exact total for each series and step of time, with what drove it."""

from decimal import Decimal

import pytest

from kumo.billing import Row, Total, daily
from kumo.billing.row import Line

LINE = Line("focus", "payer", "2026-09", "aws", "0042", "eu-west-1", "EC2", "USD", "Usage")
HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_697 * DAY


def row(amount: str = "1", start: int = START, resource: str = "i-1", billed: str = "2", **changes: str) -> Row:
    return Row(start, LINE._replace(**changes), Decimal(amount), Decimal(billed), resource)


def one(rows: list[Row], **options: str) -> Total:
    (total,) = daily(rows, **options)  # type: ignore[arg-type]
    return total


def test_rows_of_a_day_become_one_total() -> None:
    total = one([row("1.5", START + 5), row("-0.25", START + DAY - 1)])
    assert (total.start, total.amount, total.billed, total.rows) == (START, Decimal("1.25"), Decimal(4), 2)
    assert total.line == LINE._replace(category="")
    assert total.line.scope == ("focus", "0042", "2026-09", "payer")
    assert total.judged


def test_hours_are_kept_apart_when_asked_for() -> None:
    rows = [row(start=START), row(start=START + HOUR), row(start=START + HOUR + 1)]
    assert [(total.start - START, total.rows) for total in daily(rows, "hourly")] == [(0, 1), (HOUR, 2)]


def test_the_billed_amount_is_summed_when_asked_for() -> None:
    total = one([row()], amount="billed")
    assert (total.amount, total.billed) == (Decimal(2), Decimal(2))
    assert total.contributors[0].amount == Decimal(2)


@pytest.mark.parametrize(
    "field", ["source", "billing_account", "period", "provider", "account", "region", "service", "currency"]
)
def test_nothing_of_another_series_or_scope_is_summed(field: str) -> None:
    assert len(daily([row(), row(**{field: "other"})])) == 2


def test_a_scope_without_a_payer_is_that_of_its_account() -> None:
    assert one([row(billing_account="")]).line.scope == ("focus", "0042", "2026-09", "0042")


def test_a_series_without_a_service_is_named() -> None:
    assert one([row(service="")]).line.service == "unknown"


@pytest.mark.parametrize(
    ("said", "category"),
    [
        *(("Usage", ""), ("", ""), ("DiscountedUsage", ""), ("SavingsPlanCoveredUsage", ""), ("EdpDiscount", "")),
        *(("UnusedReservation", ""), ("regular", ""), ("SavingsPlanNegation", "")),
        *(("Tax", "tax"), ("Credit", "credit"), ("Refund", "refund"), ("Purchase", "purchase"), ("Fee", "fee")),
        *(("RIFee", "fee"), ("SavingsPlanRecurringFee", "fee"), ("SavingsPlanUpfrontFee", "purchase")),
        *(("Adjustment", "adjustment"), ("RoundingAdjustment", "adjustment"), ("rounding_error", "adjustment")),
    ],
)
def test_lump_sums_are_kept_apart_from_usage(said: str, category: str) -> None:
    total = one([row(category=said)])
    assert (total.line.category, total.judged) == (category, not category)


def test_types_of_usage_count_together_and_asked_for_lumps_with_them() -> None:
    rows = [row(category="Usage"), row(category="DiscountedUsage"), row(category="Tax"), row(category="Credit")]
    assert {total.line.category: total.rows for total in daily(rows)} == {"": 2, "tax": 1, "credit": 1}
    asked = daily(rows, categories={"usage", "tax"})
    assert {total.line.category: total.rows for total in asked} == {"": 3, "credit": 1}


def test_a_category_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="taxes"):
        daily([], categories={"taxes"})


def test_the_ten_largest_contributors_are_named() -> None:
    rows = [row(str(number), resource=f"i-{number}") for number in range(1, 21)] + [row("-30", resource="credit")]
    total = one([*rows, *rows])
    assert [(each.name, each.amount) for each in total.contributors[:2]] == [
        ("credit", Decimal(-60)),
        ("i-20", Decimal(40)),
    ]
    assert len(total.contributors) == 10
    assert all(each.exact for each in total.contributors)
    assert one([row(resource="")]).contributors == ()


def test_those_named_are_exact_among_thousands() -> None:
    rows = [row("0.1", START + hour, f"i-{number}") for hour in range(24) for number in range(2_000)]
    total = one([*rows, *(row("0.001", resource=f"i-{number}") for number in range(1_990, 2_000))])
    assert {each.name for each in total.contributors} == {f"i-{number}" for number in range(1_990, 2_000)}
    assert {(each.amount, each.exact) for each in total.contributors} == {(Decimal("2.401"), True)}
