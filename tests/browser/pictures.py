"""The pictures of the documents, taken of the real page: `python -m tests.browser.pictures`."""

import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from kumo.store import embedded
from tests.browser.bills import MONTH, load_bill
from tests.browser.chromium import browser
from tests.stack import Stack, stack

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
WIDE: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 390, "height": 844}


def opened(chromium: Browser, url: str, size: dict[str, int], scheme: Any = "light") -> Page:  # noqa: ANN401
    """Open a page in a context of its own, still enough to be taken."""
    options: Any = {"viewport": size, "color_scheme": scheme, "locale": "en-US", "timezone_id": "UTC"}
    page = chromium.new_context(**options).new_page()
    page.goto(url)
    expect(page.locator("#link-text")).to_have_text("live", timeout=20_000)
    return page


def take(page: Page, name: str, **options: Any) -> None:  # noqa: ANN401 - those of screenshot()
    """Write a picture."""
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", **options)
    print(f"{IMAGES.name}/{name}.png: {(IMAGES / f'{name}.png').stat().st_size / 1000:.0f} kB")
    page.context.close()


def month(chromium: Browser, kumo: Stack, size: dict[str, int], scheme: str = "light", *, why: bool = False) -> Page:
    """Open the month of the bill, with the largest anomaly if wanted."""
    page = opened(chromium, f"{kumo.url}/dashboard/{MONTH}", size, scheme)
    expect(page.locator("#spend-chart canvas")).to_be_visible()
    if why:
        page.locator("#anomalies tbody tr button").first.click()
        expect(page.locator("#band-chart canvas")).to_be_visible()
        page.locator("#detail").scroll_into_view_if_needed()
    return page


def main() -> None:
    """Take all of them."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="kumo-pictures-") as folder,
        embedded.serve(Path(folder)) as url,
        stack(url) as kumo,
        browser() as chromium,
    ):
        take(opened(chromium, f"{kumo.url}/dashboard/", WIDE), "empty")
        load_bill(kumo)
        take(month(chromium, kumo, WIDE), "month")
        take(month(chromium, kumo, WIDE, "dark", why=True), "dark")
        page = month(chromium, kumo, WIDE, why=True)
        page.set_viewport_size({"width": 1440, "height": 1080})
        take(page, "anomaly")
        take(month(chromium, kumo, PHONE), "phone")


if __name__ == "__main__":
    main()
