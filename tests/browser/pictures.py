"""The pictures of the documents, taken of the real page: `python -m tests.browser.pictures`."""

import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from kumo.store import embedded
from tests.browser.bills import load_company
from tests.browser.chromium import browser
from tests.stack import Stack, stack

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
WIDE: Final = {"width": 1440, "height": 900}
TALL: Final = {"width": 1440, "height": 1480}
ACCOUNTS: Final = 6
ROOM: Final = 10
PHONE: Final = {"width": 390, "height": 844}


def opened(chromium: Browser, url: str, size: dict[str, int], scheme: Any = "light") -> Page:  # noqa: ANN401
    """Open a page in its own context, without motion, for a picture."""
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


def around(page: Page, *places: str) -> dict[str, float]:
    """Return the rectangle that holds some elements, with a little room."""
    boxes = [box for place in places if (box := page.locator(place).bounding_box())]
    left, top = (min(box[side] for box in boxes) - ROOM for side in ("x", "y"))
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    return {"x": left, "y": top, "width": right + ROOM - left, "height": bottom + ROOM - top}


def month(chromium: Browser, kumo: Stack, size: dict[str, int], scheme: str = "light", *, why: bool = False) -> Page:
    """Open the newest month with the accounts, and with the largest anomaly if wanted."""
    page = opened(chromium, f"{kumo.url}/dashboard/", size, scheme)
    expect(page.locator("#spend-chart canvas")).to_be_visible()
    page.locator("#groups [aria-expanded=false]").first.click()
    expect(page.locator("#groups tbody tr")).to_have_count(1 + ACCOUNTS)
    if why:
        page.locator("#anomalies tbody tr button").first.click()
        expect(page.locator("#band-chart canvas")).to_be_visible()
        page.mouse.move(0, 0)
        page.evaluate("scrollTo(0, 0)")
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
        load_company(kumo)
        take(month(chromium, kumo, TALL), "month")
        take(month(chromium, kumo, TALL, "dark", why=True), "dark")
        page = month(chromium, kumo, TALL, why=True)
        take(page, "anomaly", clip=around(page, "section.anomalies", "#detail"))
        take(month(chromium, kumo, PHONE), "phone")


if __name__ == "__main__":
    main()
