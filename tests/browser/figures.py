"""The size of the page and its loading time, with an empty and with a full store.

`python -m tests.browser.figures` prints the table of docs/dashboard.md; it takes a few minutes to fill the store.
"""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import click
from playwright.sync_api import Browser, Page, expect

from tests.bench import filling, processes
from tests.browser.chromium import browser
from tests.stack import Stack

ENTRIES: Final = 1_000_000
SERIES: Final = 500  # 50 services in ten accounts
YEAR_MS: Final = 365 * 86_400_000
LOADS: Final = 7
PATIENCE_MS: Final = 60_000
# Sizes as they came over the line, times in ms since the page was asked for.
READ: Final = """() => {
  const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    bytes: files.reduce((sum, file) => sum + file.transferSize, 0),
    requests: files.length,
    first_paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    shift: window.shift,
    longest: window.longest,
  };
}"""
# The browser reports these only to listeners from the start.
LISTEN: Final = """
  window.shift = 0; window.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.longest = Math.max(window.longest, entry.duration);
  })).observe({ type: "longtask", buffered: true });
"""


def load(page: Page, url: str, ready: str) -> dict[str, float]:
    """Open the page and read its figures; `there` is when the answer was on it."""
    page.goto(url)
    page.wait_for_selector(ready, timeout=PATIENCE_MS)
    there = page.evaluate("performance.now()")
    expect(page.locator("#link-text")).to_have_text("live", timeout=PATIENCE_MS)
    found: dict[str, float] = page.evaluate(READ)
    return found | {"there": there}


def medians(chromium: Browser, url: str, ready: str, *, again: bool) -> dict[str, float]:
    """Load the page some times, each with an empty cache, or a second time with a full one."""
    rows = []
    for _ in range(LOADS):
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(LISTEN)
        if again:
            load(page, url, ready)
        rows.append(load(page, url, ready))
        context.close()
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


@contextmanager
def served(entries: int) -> Iterator[Stack]:
    """Serve a store with so many entries of the last year before `filling.BASE_MS`, from one web process."""
    with processes.server() as url:
        if entries:
            step = YEAR_MS * SERIES // entries
            plan = filling.Plan(filling.series(SERIES), entries, filling.BASE_MS - YEAR_MS, step)
            filling.fill(filling.alone(url), plan)
        with processes.web(url, WEB_CONCURRENCY="1") as port:
            yield Stack(f"http://127.0.0.1:{port}", None)  # type: ignore[arg-type]  # no Slack is told


def show(name: str, found: dict[str, Any]) -> None:
    print(
        f"| {name} | {found['requests']:.0f} | {found['bytes'] / 1000:.0f} kB | {found['first_paint']:.0f} ms"
        f" | {found['there']:.0f} ms | {found['shift']:.3f} | {found['longest']:.0f} ms |"
    )


@click.command()
@click.option("--entries", default=ENTRIES, help="Entries in the full store.")
def main(entries: int) -> None:
    """Print the figures as rows of a table."""
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f}")
    print("| | requests | over the line | first paint | figures there | layout shift | longest task |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with browser() as chromium:
        with served(0) as kumo:
            page = f"{kumo.url}/dashboard/"
            show("empty store, first visit", medians(chromium, page, "#empty:not([hidden])", again=False))
            show("empty store, again", medians(chromium, page, "#empty:not([hidden])", again=True))
        with served(entries) as kumo:
            page = f"{kumo.url}/dashboard/"
            show(f"{entries:,} entries, first visit", medians(chromium, page, "#spend-chart canvas", again=False))
            show(f"{entries:,} entries, again", medians(chromium, page, "#spend-chart canvas", again=True))
            show("a year of 50 services", medians(chromium, f"{page}?days=365", "#spend-chart canvas", again=True))


if __name__ == "__main__":
    main()
