"""A bill is uploaded on the page, imported, and shown; the faults of another are shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.billing.samples import FIXTURES
from tests.stack import Stack, stack

BILL = FIXTURES / "opencost" / "export-sample.csv"


@pytest.fixture(scope="module")
def importing(empty_url: str) -> Iterator[Stack]:
    with stack(empty_url, "web", "judge", "import") as running:
        yield running


def upload(page: Page, kumo: Stack, path: Path, currency: str = "USD") -> None:
    page.goto(f"{kumo.url}/dashboard/")
    page.get_by_role("button", name="Upload a bill").click()
    page.locator("#upload-form input[type=file]").set_input_files(path)
    page.locator("#upload-form [name=currency]").fill(currency)
    page.locator("#upload-send").click()


def test_a_bill_is_uploaded_and_then_shown(importing: Stack, page: Page) -> None:
    upload(page, importing, BILL)
    answer = page.locator("#upload-answer")
    expect(answer).to_contain_text("export-sample.csv: done (2 rows, 2 added, 0 removed, 0 changed, 0 unchanged)")
    assert len(importing.get("/costs/").json()) == 2
    page.goto(f"{importing.url}/dashboard/?from=2023-01-01&to=2023-01-02")
    expect(page.locator("#cards")).to_contain_text("2 costs")
    upload(page, importing, BILL)
    expect(answer).to_contain_text("same as import 1, nothing to do")


def test_what_is_wrong_with_a_bill_is_said(importing: Stack, page: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "<b>wrong.csv"
    wrong.write_text("hello,world\n1,2\n")
    upload(page, importing, wrong)
    answer = page.locator("#upload-answer")
    expect(answer).to_contain_text("<b>wrong.csv: failed")
    expect(answer.locator(".fault")).to_contain_text("has an unknown format")
