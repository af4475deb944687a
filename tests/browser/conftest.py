"""One browser for all tests here, one Kumo a module, a page without history for each test."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from redis import Redis

from tests.browser.chromium import browser
from tests.stack import Stack, stack

PATIENCE_MS: Final = 20_000
SIZE: Final = {"width": 1440, "height": 900}
WHERE: Final = {"locale": "en-GB", "timezone_id": "Europe/Berlin"}
# The browser itself logs every failed answer; the tests check what the page does with it.
REFUSED: Final = re.compile(r"Failed to load resource: .*(401|403|404|422|503|ERR_CONNECTION|ERR_EMPTY)")

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def empty_url(server_url: str) -> str:
    """Return the address of an empty server, once for a module."""
    with Redis.from_url(server_url) as client:
        client.flushall()
    return server_url


@pytest.fixture(scope="module")
def kumo(empty_url: str) -> Iterator[Stack]:
    with stack(empty_url) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Yield a page that must not log anything to its console, except refusals of the service."""
    context = chromium.new_context(viewport=SIZE, **WHERE)
    opened, said = context.new_page(), []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED.search(message.text):
            said.append(message.text)

    opened.on("console", hear)
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()
    assert not said
