"""Keys that are needed or wrong, questions that are refused, a server that goes away and comes back."""

from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from kumo import services as composition
from kumo import settings
from kumo.engine.ops import access
from tests.browser.bills import load_calm
from tests.stack import Stack, answers, eventually, free_port, process


@pytest.fixture(scope="module")
def reader(kumo: Stack, empty_url: str) -> str:
    """Return a key that may read, after which every request needs one."""
    load_calm(kumo, "AWS EC2")
    built = composition.build(settings.load({"REDIS_URL": empty_url}))
    return access.issue(built, "reader", ["read"])


def test_a_wrong_filter_is_refused_in_words(kumo: Stack, page: Page) -> None:
    page.goto(f"{kumo.url}/dashboard/?currency=XXY")
    expect(page.locator("#lost-notice")).to_contain_text("currency")


def test_a_key_is_asked_for_where_one_is_needed(kumo: Stack, reader: str, page: Page) -> None:
    page.goto(f"{kumo.url}/dashboard/")
    dialog = page.get_by_role("dialog", name="API key")
    expect(dialog).to_contain_text("Send an API key")
    page.get_by_label("Key", exact=True).fill("kumo_reader_wrong")
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog).to_contain_text("unknown or revoked")
    page.get_by_label("Key", exact=True).fill(reader)
    page.keyboard.press("Enter")
    expect(page.locator("#latest")).to_contain_text("AWS EC2")
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("No API key is configured")).to_be_hidden()
    assert reader not in page.url
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    page.reload()
    expect(page.locator("#latest")).to_contain_text("AWS EC2")
    page.get_by_role("button", name="Key").first.click()
    dialog.get_by_role("button", name="Forget it").click()
    expect(dialog).to_contain_text("Send an API key")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_key_that_may_only_read_cannot_add(kumo: Stack, reader: str, page: Page) -> None:
    page.goto(f"{kumo.url}/dashboard/")
    page.get_by_label("Key", exact=True).fill(reader)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add a cost").click()
    page.locator("#add-form [name=service]").fill("AWS EC2")
    page.locator("#add-form [name=amount]").fill("1")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#add-answer")).to_contain_text("lacks the scope ingest")


@pytest.fixture
def web(redis_url: str) -> tuple[str, dict[str, str]]:
    """Return an address, and the environment for a web process that serves there."""
    port = str(free_port())
    return f"http://127.0.0.1:{port}", {"REDIS_URL": redis_url, "PORT": port, "WEB_CONCURRENCY": "1"}


def test_a_lost_server_is_waited_for(web: tuple[str, dict[str, str]], page: Page) -> None:
    url, environ = web
    with ExitStack() as first:
        first.enter_context(process("web", environ))
        eventually(lambda: answers(url))
        page.goto(f"{url}/dashboard/")
        expect(page.locator("#link-text")).to_have_text("live")
    expect(page.locator("#lost-notice")).to_contain_text("cannot be reached")
    expect(page.locator("#lost-notice")).to_contain_text("The page shows data from")
    with process("web", environ):
        expect(page.locator("#link-text")).to_have_text("live")
        expect(page.locator("#lost-notice")).to_be_hidden()
