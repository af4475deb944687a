"""The tree of totals and the days of a group or series: what the API has, lazily, live, as text, for everyone."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.bills import load_company
from tests.stack import Stack

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><b>bold</b> & 'quoted'"
LONG = "an-account-whose-name-nobody-shortened-" * 5


@pytest.fixture(scope="module")
def company(kumo: Stack) -> Stack:
    load_company(kumo)
    return kumo


@pytest.fixture
def tree(company: Stack, page: Page) -> Locator:
    page.goto(f"{company.url}/dashboard/?currency=USD")
    expect(page.locator("#groups tbody tr")).not_to_have_count(0)
    return page.locator("#groups")


def groups(kumo: Stack, dimension: str, **query: str | int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = kumo.get("/groups/", dimension=dimension, **query).json()
    return rows


def expand(tree: Locator, name: str) -> None:
    tree.get_by_role("button", name=f"What {name} is made of").click()


def test_the_tree_goes_from_all_costs_to_series(company: Stack, tree: Locator) -> None:
    [whole] = groups(company, "all", currency="USD")
    first = tree.locator("tbody tr").first
    expect(first).to_contain_text("All costs in USD")
    expect(first).to_contain_text(f"US${whole['total']:,.2f}")
    expect(tree.locator("tbody tr")).to_have_count(1)
    expand(tree, "All costs in USD")
    expect(tree.locator("tbody tr")).to_have_count(1 + len(groups(company, "account", currency="USD")))
    expand(tree, "data-platform")
    expand(tree, "Cloud Storage")
    expect(tree.get_by_role("row", name="Google Cloud · data-platform · europe-west1")).to_be_visible()
    expect(tree.get_by_role("row", name="Google Cloud · data-platform · us")).to_be_visible()
    expand(tree, "All costs in USD")
    expect(tree.locator("tbody tr")).to_have_count(1)


def test_the_days_of_all_costs_are_shown_first_and_today_is_marked_as_running(company: Stack, page: Page) -> None:
    page.goto(f"{company.url}/dashboard/?currency=USD")
    [whole] = groups(company, "all", currency="USD")
    total = page.locator("#total")
    expect(total.get_by_role("heading")).to_have_text("All costs in USD")
    expect(total.locator("canvas")).to_be_visible()
    expect(total.locator(".facts")).to_contain_text("so far")
    total.locator("summary").click()
    days = company.get(f"/groups/{whole['id']}").json()["periods"][-30:]
    expect(total.locator("tbody tr")).to_have_count(len(days))
    expect(total.locator("tbody tr").first).to_contain_text(f"US${days[-1]['total']:,.2f}")
    expect(total.locator("tbody tr").nth(1)).to_contain_text(f"US${days[-2]['usual']:,.2f}")
    expect(total.locator("tbody tr").nth(1)).to_contain_text(f"US${days[-2]['limit']:,.2f}")


@pytest.mark.parametrize("title", ["account data-platform", "all costs in USD"])
def test_an_anomaly_of_a_group_opens_its_days(company: Stack, page: Page, title: str) -> None:
    page.goto(f"{company.url}/dashboard/?currency=USD")
    page.locator("#anomalies").get_by_role("button", name=title, exact=True).click()
    detail = page.locator("#detail")
    expect(detail.locator("#detail-title")).to_have_text(title)
    expect(detail.locator("canvas")).to_be_visible()
    expect(detail.locator(".reason")).to_contain_text("is usual and")
    expect(detail.locator(".facts")).to_contain_text("over 1 day, since")
    expect(detail).to_contain_text("Slack answered HTTP 200")
    detail.locator("summary").click()
    expect(detail.locator("tbody tr").first).to_contain_text("US$")


def test_a_chosen_group_is_in_the_address(company: Stack, tree: Locator, page: Page) -> None:
    expand(tree, "All costs in USD")
    tree.get_by_role("button", name="data-platform", exact=True).click()
    expect(page.locator("#total-title")).to_have_text("account data-platform")
    shared = page.url
    page.goto("about:blank")
    page.goto(shared)
    expect(page.locator("#total-title")).to_have_text("account data-platform")
    page.goto(f"{company.url}/dashboard/?group=aaaaaaaaaaaaaaaa")
    expect(page.locator("#total-title")).to_have_text("Not known here")
    expect(page.locator("#lost-notice")).to_be_hidden()


def test_the_days_of_a_series_are_shown_too(company: Stack, tree: Locator, page: Page) -> None:
    page.goto(f"{company.url}/dashboard/?account=data-platform&service=BigQuery")
    expand(tree, "BigQuery")
    tree.get_by_role("button", name="BigQuery", exact=True).last.click()
    expect(page.locator("#total-title")).to_have_text("BigQuery · data-platform · us")
    expect(page.locator("#total .facts")).to_contain_text("above usual")


def test_hostile_and_long_names_are_text(company: Stack, page: Page) -> None:
    for account in (HOSTILE, LONG):
        company.post({"service": HOSTILE, "account": account, "region": HOSTILE, "amount": 5, "currency": "CHF"})
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(f"{company.url}/dashboard/?currency=CHF")
    tree = page.locator("#groups")
    expand(tree, "All costs in CHF")
    expand(tree, HOSTILE)
    tree.get_by_role("button", name=HOSTILE, exact=True).first.click()
    expect(page.locator("#total-title")).to_contain_text("onerror")
    expect(tree).to_contain_text(LONG)
    assert page.locator("img").count() == 0
    assert page.title() == "Kumo"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_each_currency_has_its_own_tree(company: Stack, page: Page) -> None:
    company.post({"service": "Amazon EC2", "account": "production", "amount": 700, "currency": "EUR"})
    page.goto(f"{company.url}/dashboard/")
    tree = page.locator("#groups")
    expect(tree).to_contain_text("All costs in EUR")
    expect(tree).to_contain_text("All costs in USD")
    expand(tree, "All costs in EUR")
    expect(tree.get_by_role("row", name="production")).to_contain_text("€700.00")


def test_what_is_new_has_no_usual_amount_yet(company: Stack, page: Page) -> None:
    company.post({"service": "Amazon EC2", "account": "production", "amount": 700, "currency": "JPY"})
    page.goto(f"{company.url}/dashboard/?currency=JPY")
    expect(page.locator("#groups tbody tr")).to_have_count(1)
    expect(page.locator("#total .facts")).not_to_contain_text("usual ")
    expect(page.locator("#total canvas")).to_be_visible()


def test_a_running_total_grows_without_a_reload(company: Stack, page: Page) -> None:
    company.post({"service": "Amazon EC2", "account": "production", "amount": 10, "currency": "SEK"})
    page.goto(f"{company.url}/dashboard/?currency=SEK")
    expect(page.locator("#total .facts")).to_contain_text("SEK\u00a010.00")
    company.post({"service": "Amazon EC2", "account": "production", "amount": 5, "currency": "SEK"})
    expect(page.locator("#total .facts")).to_contain_text("SEK\u00a015.00")


def test_of_six_thousand_accounts_a_few_are_shown_and_more_on_demand(company: Stack, page: Page) -> None:
    rows = [
        {"service": "S", "account": f"a{number}", "amount": number + 1, "currency": "NOK"} for number in range(6_000)
    ]
    assert company.post(rows, "/ingest/batch").status_code == 202
    page.goto(f"{company.url}/dashboard/?currency=NOK")
    tree = page.locator("#groups")
    expand(tree, "All costs in NOK")
    expect(tree.locator("tbody tr")).to_have_count(1 + 20 + 1)
    tree.get_by_role("button", name="more").click()
    expect(tree.locator("tbody tr")).to_have_count(1 + 120 + 1)
