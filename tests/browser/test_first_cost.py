"""Somebody starts Kumo and looks: how to send the first cost, sending it by hand, seeing what becomes of it."""

from playwright.sync_api import Page, expect

from tests.stack import Stack


def test_the_empty_page_says_how_to_send_the_first_cost(kumo: Stack, page: Page) -> None:
    page.goto(kumo.url)
    expect(page).to_have_url(f"{kumo.url}/dashboard/")
    expect(page.get_by_role("heading", name="No cost yet")).to_be_visible()
    expect(page.locator("#curl")).to_contain_text(f"curl {kumo.url}/ingest/")
    expect(page.locator("#board")).to_be_hidden()
    expect(page.get_by_text("No API key is configured")).to_be_visible()
    expect(page.locator("[data-count=arrivals]")).to_have_text("0")


def test_the_line_to_copy_works_as_it_is(kumo: Stack, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{kumo.url}/dashboard/")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl {kumo.url}/ingest/ \\\n  -H 'Content-Type: application/json'")
    assert '{"service": "AWS EC2", "amount": 50.5}' in copied


def test_a_cost_that_is_wrong_is_refused_in_words(kumo: Stack, page: Page) -> None:
    page.goto(f"{kumo.url}/dashboard/")
    page.get_by_role("button", name="add one by hand").click()
    page.get_by_label("Service").last.fill("AWS EC2")
    page.get_by_label("Amount").fill("a lot")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#add-answer")).to_contain_text("amount:")
    assert kumo.get("/costs/").json() == []


def test_the_first_cost_added_by_hand_shows_its_verdict_and_appears(kumo: Stack, page: Page) -> None:
    page.goto(f"{kumo.url}/dashboard/")
    page.get_by_role("button", name="Add a cost").press("Enter")
    page.keyboard.type("AWS EC2")  # the first field has the keyboard
    page.keyboard.press("Tab")
    page.keyboard.type("50.50")
    page.keyboard.press("Enter")
    expect(page.locator("#add-answer")).to_contain_text("Learning: 0 earlier entries")
    page.keyboard.press("Escape")
    expect(page.locator("#latest")).to_contain_text("AWS EC2")
    expect(page.locator("#cards")).to_contain_text("50.50")
    expect(page.locator("#empty")).to_be_hidden()
    [cost] = kumo.get("/costs/").json()
    assert (cost["service"], cost["amount"], cost["currency"]) == ("AWS EC2", 50.5, "USD")
