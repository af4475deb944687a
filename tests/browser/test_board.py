"""Sixty days of a company on the page: anomalies and their reasons, live, filtered, shared, accessible."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.bills import load_calm, load_company
from tests.browser.conftest import WHERE
from tests.stack import Stack, eventually

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><b>bold</b> & 'quoted'"


@pytest.fixture(scope="module")
def company(kumo: Stack) -> Stack:
    load_company(kumo)
    return kumo


@pytest.fixture
def month(company: Stack, page: Page) -> Page:
    page.goto(f"{company.url}/dashboard/")
    expect(page.locator("#anomalies tbody tr")).not_to_have_count(0)
    return page


def test_the_page_shows_what_the_api_has(company: Stack, month: Page) -> None:
    today = date.fromisoformat(company.get("/costs/", limit=1).json()[0]["timestamp"][:10])
    span = {"from": str(today - timedelta(days=29)), "to": str(today)}
    total = sum(row["amount"] for row in company.get("/costs/summary", by="none", **span).json())
    expect(month.locator("#cards")).to_contain_text(f"US${total:,.0f}")
    found = company.get("/anomalies/", **span).json()
    expect(month.locator("#anomalies tbody tr")).to_have_count(len(found))
    largest = max(row["impact"] for row in found)
    expect(month.locator("#anomalies tbody tr").first).to_contain_text(f"+US${largest:,.2f}")
    expect(month.locator("#cards")).to_contain_text("All sent")


def test_an_anomaly_opens_its_series_with_the_verdict_in_words(company: Stack, month: Page) -> None:
    first = month.locator("#anomalies tbody tr button").first
    first.press("Enter")
    chosen = str(first.get_attribute("data-focus"))
    expect(first).to_have_attribute("aria-expanded", "true")
    opener = company.get(f"/costs/{chosen}").json()
    expect(month.locator("#detail")).to_contain_text(opener["reason"])
    expect(month.locator("#band-chart canvas")).to_be_visible()
    expect(month.locator("#detail")).to_contain_text("Slack answered HTTP 200")
    month.locator("#detail summary").click()
    rows = month.locator("#detail tbody tr")
    states = set(rows.locator("td:nth-child(4)").all_inner_texts())
    assert {"learning", "normal", "anomaly"} <= states
    expect(rows).to_have_count(len(company.get("/costs/", limit=1000, **series_of(opener)).json()))


def series_of(cost: dict[str, Any]) -> dict[str, str]:
    return {name: cost[name] for name in ("service", "provider", "account", "region", "currency")}


def test_what_was_restated_shows_as_withdrawn(company: Stack, page: Page) -> None:
    load_calm(company, "Restated")
    company.post({"service": "Restated", "amount": 900, "external_id": "bill"}, Prefer="wait=5")
    page.goto(f"{company.url}/dashboard/?service=Restated")
    expect(page.locator("#cards")).to_contain_text("1 open")
    company.post({"service": "Restated", "amount": 50, "external_id": "bill"}, Prefer="wait=5")
    expect(page.locator("#anomalies")).to_contain_text("withdrawn")
    expect(page.locator("#cards")).to_contain_text("Normal")
    page.locator("#anomalies button").click()
    page.locator("#detail summary").click()
    expect(page.locator("#detail tbody")).to_contain_text("withdrawn")


def test_a_spike_appears_without_a_reload_and_so_does_its_alert(company: Stack, page: Page) -> None:
    load_calm(company, "Queue")
    page.goto(f"{company.url}/dashboard/?service=Queue")
    expect(page.locator("#anomalies")).to_contain_text("No anomalies")
    page.evaluate("window.stayed = true")
    company.post({"service": "Queue", "amount": 700})
    expect(page.locator("#anomalies")).to_contain_text("Queue")
    expect(page.locator("#latest tbody tr").first).to_contain_text("anomaly")
    expect(page.locator("#alerts")).to_contain_text("sent")
    assert page.evaluate("window.stayed")


def test_who_is_on_a_button_stays_there_while_the_page_renews_itself(company: Stack, page: Page) -> None:
    load_calm(company, "Disk")
    company.post({"service": "Disk", "amount": 500}, Prefer="wait=5")
    page.goto(f"{company.url}/dashboard/?service=Disk")
    page.locator("#anomalies button").focus()
    before = page.locator("#anomalies").inner_text()
    company.post({"service": "Disk", "amount": 600}, Prefer="wait=5")
    eventually(lambda: page.locator("#anomalies").inner_text() != before)
    assert page.evaluate("document.activeElement.textContent") == "Disk"


def test_a_view_is_in_the_address_and_back_and_forward_work(company: Stack, month: Page) -> None:
    month.locator("#filters [name=by]").select_option("provider")
    expect(month.locator("#parts")).to_contain_text("Azure")
    assert "by=provider" in month.url
    month.get_by_role("button", name="Azure").click()
    expect(month.locator("#filters [name=provider]")).to_have_value("Azure")
    expect(month.locator("#parts")).not_to_contain_text("AWS")
    shared = month.url
    assert "provider=Azure" in shared
    month.go_back()
    expect(month.locator("#parts")).to_contain_text("AWS")
    expect(month.locator("#filters [name=provider]")).to_have_value("")
    month.go_forward()
    expect(month.locator("#parts")).not_to_contain_text("AWS")
    month.goto("about:blank")
    month.goto(shared)
    expect(month.locator("#parts")).to_contain_text("Azure")
    expect(month.locator("#parts")).not_to_contain_text("AWS")
    month.get_by_role("button", name="Clear the filters").click()
    expect(month).to_have_url(f"{company.url}/dashboard/?by=provider")


def test_hostile_names_are_text(company: Stack, page: Page) -> None:
    load_calm(company, HOSTILE, account=HOSTILE)
    company.post({"service": HOSTILE, "account": HOSTILE, "amount": 900}, Prefer="wait=5")
    page.goto(f"{company.url}/dashboard/?by=account")
    page.locator("#filters [name=service]").focus()
    page.locator("#anomalies button", has_text="onerror").click()
    expect(page.locator("#detail-title")).to_have_text(HOSTILE)
    page.locator("#detail summary").click()
    page.locator(".spend summary").click()
    expect(page.locator("#spend-table")).to_contain_text("onerror")
    expect(page.locator("#known-service option", has_text="")).not_to_have_count(0)
    assert page.locator("img").count() == 0
    assert page.locator("b", has_text="bold").filter(has_not_text="US$").count() == 0
    assert page.title() == "Kumo"


def test_a_filter_offers_a_name_once_and_finds_all_of_its_spellings(company: Stack, page: Page) -> None:
    for region, spelling in enumerate(("Café", "CAFE\u0301", " café")):
        company.post({"service": spelling, "region": f"region {region}", "amount": 1})
    page.goto(f"{company.url}/dashboard/?service=cAFÉ")
    page.locator("#filters [name=account]").focus()
    expect(page.locator("#known-service option")).not_to_have_count(0)
    offered = page.locator("#known-service option").evaluate_all("all => all.map((each) => each.value.normalize())")
    assert [name.strip().casefold() for name in offered].count("café") == 1
    expect(page.locator("#spend-chart")).to_have_attribute("aria-label", re.compile(r"at most US\$3\.00"))


@pytest.fixture(params=["light 1440", "dark 1440", "light 360", "light 3840"])
def look(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    scheme, width = request.param.split()
    size = {"width": int(width), "height": 900}
    context = chromium.new_context(viewport=size, color_scheme=scheme, **WHERE)
    yield context.new_page()
    context.close()


def test_it_is_for_everyone(company: Stack, look: Page) -> None:
    look.goto(f"{company.url}/dashboard/")
    look.locator("#anomalies tbody tr button").first.click()
    expect(look.locator("#band-chart canvas")).to_be_visible()
    for summary in look.locator("summary").all():
        summary.click()
    assert violations(look) == []
    assert look.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look.get_by_role("button", name="Add a cost").click()
    assert violations(look) == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{row['id']}: {row['help']}: {[node['html'][:90] for node in row['nodes']]}" for row in found]


def test_all_is_reached_by_keyboard(month: Page) -> None:
    month.keyboard.press("Tab")
    assert month.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(80):
        month.keyboard.press("Tab")
        seen.add(month.evaluate("document.activeElement.closest('[id]')?.id ?? ''"))
    assert {"add-open", "filters", "cards", "parts", "anomalies", "alerts", "latest"} <= seen
