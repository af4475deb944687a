"""What Azure's exports mean, trap by trap."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from kumo.billing import open_bill
from tests.billing.samples import AZURE, FIXTURES, day, only, only_note, opened, refusal, rows_of, written


def test_azure_reads_every_field() -> None:
    row = only(rows_of(written(AZURE)))
    assert (row.provider, row.account, row.service, row.region) == ("azure", "sub-1", "Storage", "westeurope")
    assert (row.currency, row.amount, row.category, row.tags) == ("EUR", Decimal("2.5"), "Usage", {"env": "prod"})
    assert (day(row), row.line.scope) == ("2026-09-02T00:00:00+00:00", ("azure", "sub-1", "2026-09", "8611537"))


@pytest.mark.parametrize(
    "date", ["9/2/2026", "09/02/2026", "2026-09-02", "2026-09-02T00:00:00Z", "9/2/2026 12:00:00 AM"]
)
def test_azure_dates_are_month_first(date: str) -> None:
    assert day(only(rows_of(written(AZURE | {"Date": date})))) == "2026-09-02T00:00:00+00:00"


@pytest.mark.parametrize(
    "style", [str.lower, lambda name: name[0].lower() + name[1:], lambda name: f"Übersetzt ({name})"]
)
def test_azure_headers_come_in_every_case_and_language(style: Callable[[str], str]) -> None:
    record = {style(key): value for key, value in AZURE.items()}
    assert only(rows_of(written(record))) == only(rows_of(written(AZURE)))


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("ftk_EA_ActualCost_Small.csv", "actual"),
        ("ftk_EA_AmortizedCost_Small.csv", "amortized"),
        ("koku_azure_v2_ea.csv", ""),
    ],
)
def test_azure_shows_which_export_it_is(name: str, dataset: str) -> None:
    with open_bill(FIXTURES / "azure" / name) as bill:
        list(bill)
        assert bill.dataset == dataset


def test_azure_unused_commitments_are_amortized_and_mixed_exports_are_said() -> None:
    unused = AZURE | {"ChargeType": "UnusedReservation"}
    bought = AZURE | {"ChargeType": "Purchase", "PricingModel": "Reservation"}
    with opened(written(unused, bought)) as bill:
        list(bill)
    assert bill.dataset == ""
    assert "seem to be mixed" in only_note(bill.notes)


def test_a_billing_period_that_makes_no_sense_is_said() -> None:
    with opened(written(AZURE | {"BillingPeriodStartDate": "autumn"})) as bill:
        assert only(list(bill)).period == "2026-09"
    assert "autumn" in only_note(bill.notes)


def dated(*dates: str, period: str = "") -> bytes:
    return written(*(AZURE | {"Date": date, "BillingPeriodStartDate": period} for date in dates))


@pytest.mark.parametrize("dates", [["01/10/2026", "02/10/2026"], ["05/10/2026"], ["10/10/2026", "09/10/2026"]])
def test_a_day_that_is_in_its_billing_period_only_with_the_day_first_is_refused(dates: list[str]) -> None:
    error = refusal(dated(*dates, period="01/10/2026"))
    assert error.column == "Date"
    assert "outside the billing period" in error.detail


@pytest.mark.parametrize("period", ["10/01/2026", "2026-10-01", "09/15/2026", ""])
def test_a_day_within_its_billing_period_is_read_month_first(period: str) -> None:
    assert [day(row)[:10] for row in rows_of(dated("10/01/2026", "10/02/2026", period=period))] == [
        "2026-10-01",
        "2026-10-02",
    ]


@pytest.mark.parametrize(("date", "period"), [("08/30/2026", "10/01/2026"), ("02/02/2026", "05/01/2026")])
def test_a_charge_of_another_period_is_read_where_the_order_would_change_nothing(date: str, period: str) -> None:
    month, number, year = date.split("/")
    assert day(only(rows_of(dated(date, period=period))))[:10] == f"{year}-{month}-{number}"


def test_days_that_look_like_one_day_of_many_months_are_refused() -> None:
    assert "as if the day came before the month" in refusal(dated("01/10/2026", "02/10/2026", "03/10/2026")).detail
    assert len(rows_of(dated("01/10/2026", "02/10/2026", "02/11/2026"))) == 3
