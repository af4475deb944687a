"""The CSV download of AWS Cost Explorer: days down, services across, totals beside both."""

from decimal import Decimal

import pytest

from kumo.billing import Options, aws_ce, open_bill
from kumo.billing.headers import Headers
from tests.billing.samples import FIXTURES, only, only_note, opened, rows_of


def cost_explorer(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_cost_explorer_skips_what_would_count_twice() -> None:
    with open_bill(FIXTURES / "aws_ce/synthetic_ce_daily_by_service_0915.csv") as bill:
        rows = list(bill)
    assert {"Service total", "Total costs"}.isdisjoint(row.service for row in rows)
    assert {row.category for row in rows if row.service == "Tax"} == {"Tax"}
    assert "Support (Business)" in {row.service for row in rows}


@pytest.mark.parametrize(
    ("first", "header", "expected"),
    [
        ("Service", "S3 (€)", ("", "S3", "", "EUR")),
        ("Region", "eu-west-1($)", ("", "", "eu-west-1", "USD")),
        ("Linked account", "0042($)", ("0042", "", "", "USD")),
        ("Usage type", "BoxUsage(GBP)", ("", "BoxUsage", "", "GBP")),
    ],
)
def test_cost_explorer_groups_by_what_its_first_column_says(
    first: str, header: str, expected: tuple[str, str, str, str]
) -> None:
    total = f"Total costs{header[header.index('(') :]}"
    content = cost_explorer(f"{first},{header},{total}", f"{first} total,3,3", "2026-09-01,1,1", "2026-09-02,2,2")
    rows = rows_of(content)
    assert [row.amount for row in rows] == [Decimal(1), Decimal(2)]
    assert {(row.account, row.service, row.region, row.currency) for row in rows} == {expected}


def test_cost_explorer_without_groups_has_only_the_total() -> None:
    rows = rows_of(cost_explorer("Service,Total costs($)", "Service total,3", "2026-09-01,3"))
    assert only(rows).amount == Decimal(3)


@pytest.mark.parametrize("days", [["2026-07-01"], ["2026-07-01", "2026-08-01"]])
def test_a_monthly_download_of_cost_explorer_says_so(days: list[str]) -> None:
    rows = "".join(f"{day},1,1\n" for day in days)
    with opened(f"Service,EC2($),Total costs($)\n{rows}".encode()) as bill:
        assert len(list(bill)) == len(days)
    assert "monthly download" in only_note(bill.notes)


def test_a_daily_download_of_cost_explorer_says_nothing() -> None:
    with opened(b"Service,EC2($),Total costs($)\n2026-07-01,1,1\n2026-07-02,1,1\n") as bill:
        list(bill)
    assert bill.notes == []


@pytest.mark.parametrize(
    ("header", "recognised"),
    [
        ("Service,EC2($),Total costs($)", True),
        ("Service,Total costs (€)", True),
        ("Service,EC2($),total(US$)", True),
        ("Service,EC2($),Subtotal costs($)", False),
        ("Service,EC2,Total costs", False),
        ("Service,Total costs(XXQ)", False),
        ("Service($),Total costs($)", False),
        ("", False),
    ],
)
def test_cost_explorer_is_told_by_a_total_in_a_currency_that_is_not_the_first_column(
    header: str, *, recognised: bool
) -> None:
    assert aws_ce.recognises(Headers(header.split(",") if header else [])) is recognised


def test_cost_explorer_leaves_out_columns_without_a_currency_and_says_so() -> None:
    with opened(cost_explorer("Service,EC2($),Comment,Total costs($)", "2026-09-02,1,fine,1")) as bill:
        assert [row.service for row in bill] == ["EC2"]
    assert "'Comment' has no amounts" in only_note(bill.notes)


def test_cost_explorer_skips_empty_cells_and_counts_days_without_any_amount() -> None:
    content = cost_explorer("Service,EC2($),S3($),Total costs($)", "2026-09-02,,2,2", "2026-09-03,,,")
    with opened(content) as bill:
        assert [(row.service, row.amount) for row in bill] == [("S3", Decimal(2))]
    assert "1 records have no amount" in only_note(bill.notes)


@pytest.mark.parametrize("title", ["Tax", "Refund", "RI Fee"])
def test_cost_explorer_names_lump_sums_by_their_columns(title: str) -> None:
    rows = rows_of(cost_explorer(f"Service,EC2($),{title}($),Total costs($)", "2026-09-02,1,2,3"))
    assert [row.category for row in rows] == ["", title]


def test_cost_explorer_gives_rows_the_account_that_the_caller_says() -> None:
    content = cost_explorer("Service,EC2($),Total costs($)", "2026-09-02,1,1")
    assert only(rows_of(content, Options(account="0042"))).line.scope == ("aws_ce", "0042", "2026-09", "0042")
