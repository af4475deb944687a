"""The documents are compared with the code: settings, keys, scripts, links, `make` targets, API paths.

`python -m tests.test_docs` renews the table of settings in README.md.
"""

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest

from kumo.settings import TABLE, Setting
from kumo.store import export_table, keys
from kumo.store.export_table import Way

ROOT: Final = Path(__file__).parents[1]
README: Final = ROOT / "README.md"
PAGES: Final = [README, *sorted((ROOT / "docs").glob("*.md"))]
REDIS: Final = ROOT / "docs" / "redis.md"
LUA: Final = ROOT / "kumo" / "store" / "lua"
SCRIPTS: Final = sorted(str(path.relative_to(LUA)) for path in LUA.rglob("*.lua"))
BRIEF: Final = (
    *(keys.NOTIFY_WAKE, keys.SWEEP, keys.request(""), keys.running(""), ":wake", ":once:"),
    *("kumo:upload:N:PLACE", "kumo:upload:N:lease", "kumo:upload:N:step", "kumo:upload:N:tries"),
)
LONGEST_README: Final = 340

_MARKED: Final = re.compile(r"(<!-- settings: begin .*?-->\n).*?(<!-- settings: end -->)", re.DOTALL)
_FENCED: Final = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_TARGET: Final = re.compile(r"(?:`|^ *)make ([a-z]+)", re.MULTILINE)
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
_MODULE_PATH: Final = re.compile(r"`((?:kumo|worker|tests|docs)/[\w./]*\w\.\w+)`")


def rendered(row: Setting) -> str:
    default = f"`{row.default}`" if row.default else "empty"
    return f"| `{row.name}` | {default} | {row.help.replace('|', chr(92) + '|')} |"


def renewed(text: str) -> str:
    """Return README with the table of settings that `kumo.settings` has now."""
    table = "\n".join(["| setting | default | what for |", "| --- | --- | --- |", *map(rendered, TABLE)])
    return _MARKED.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, formed as code hosts form them."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_table_of_settings_is_the_one_in_the_code() -> None:
    text = README.read_text()
    assert _MARKED.search(text), "README.md has lost the markers around its settings"
    assert text == renewed(text), "renew it: python -m tests.test_docs"


@pytest.mark.parametrize("name", [row.name for row in TABLE])
def test_each_setting_is_in_the_readme_and_in_the_example(name: str) -> None:
    assert f"`{name}`" in README.read_text()
    assert f"#{name}=" in (ROOT / ".env.example").read_text()


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    named = {name for page in PAGES for name in re.findall(r"\bKUMO_[A-Z_]*[A-Z]\b", page.read_text())}
    assert named <= {row.name for row in TABLE}


@pytest.mark.parametrize("pattern", keys.PERMANENT)
def test_each_permanent_key_is_in_the_design_note(pattern: str) -> None:
    assert f"`{pattern}`" in REDIS.read_text()


@pytest.mark.parametrize("pattern", keys.PERMANENT)
def test_an_export_carries_each_permanent_key_or_says_why_not(pattern: str) -> None:
    row = export_table.TABLE[pattern]
    assert row.way not in {Way.REBUILT, Way.LEFT_OUT} or row.why
    assert export_table.row_of(pattern.replace("*", "1")) is row


def test_an_export_carries_no_key_that_does_not_exist() -> None:
    assert set(export_table.TABLE) <= set(keys.PERMANENT)


@pytest.mark.parametrize("name", BRIEF)
def test_each_key_with_a_time_to_live_is_in_the_design_note(name: str) -> None:
    assert name in REDIS.read_text()


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_script_is_in_the_design_note(name: str) -> None:
    assert f"`{name}`" in REDIS.read_text()


def test_the_design_note_names_no_script_that_does_not_exist() -> None:
    assert set(re.findall(r"`([\w/]+\.lua)`", REDIS.read_text())) <= set(SCRIPTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_relative_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(_FENCED.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link} has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_file_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in _MODULE_PATH.findall(page.read_text()) if not (ROOT / path).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_make_target_that_a_page_names_exists(page: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(_TARGET.findall(page.read_text())) <= known


def test_each_path_that_the_readme_calls_is_one_of_the_api(redis_url: str) -> None:
    from werkzeug.routing import RequestRedirect

    from kumo import services
    from kumo.app import create_app
    from kumo.settings import Settings

    routes = create_app(services.build(Settings(redis_url=redis_url))).url_map.bind("localhost")
    called = re.findall(r"localhost:8000(/[\w/]*)", README.read_text())
    assert called
    for path in set(called):
        try:
            known = routes.test(path, "GET") or routes.test(path, "POST")
        except RequestRedirect:
            known = True
        assert known, path


def test_the_readme_can_be_read_in_a_hurry() -> None:
    assert len(README.read_text().splitlines()) <= LONGEST_README


if __name__ == "__main__":
    README.write_text(renewed(README.read_text()))


def test_the_glossary_stays_short() -> None:
    glossary = (ROOT / "docs/architecture.md").read_text().partition("## Glossary")[2].partition("\n## ")[0]
    assert 10 < len(re.findall(r"^\| \*\*", glossary, re.MULTILINE)) <= 20
