import hashlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest
from flask.testing import FlaskClient

from kumo.app import create_app
from kumo.dashboard.assets import assets, library
from kumo.services import build
from kumo.settings import load

ROOT: Final = Path(__file__).parents[2]
STATIC: Final = ROOT / "kumo/dashboard/static"
OURS: Final = sorted(path for path in STATIC.iterdir() if path.suffix in {".js", ".css"})
SCRIPTS: Final = [path for path in OURS if path.suffix == ".js"]
LONGEST: Final = 250
# dist/ of uPlot 1.6.31 as its author released it: the wheel must bring these very bytes.
UPLOT: Final = {
    "uplot.iife.min.js": "2d27e8ad3d228164525ce213f9dc716f39b4e3aee0cc773fb3491c96cf4921a2",
    "uplot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}
# Functions that turn text into markup or code, and ways to leak the address.
FORBIDDEN: Final = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|window\.\w+ ="
)
ELSEWHERE: Final = re.compile(r"https?://(?!www\.w3\.org/2000/svg)")


@pytest.fixture
def client() -> FlaskClient:
    """Serve the page without a store: it needs none."""
    return create_app(build(load({"REDIS_URL": "redis://127.0.0.1:1/0"}))).test_client()


def sources(client: FlaskClient) -> list[str]:
    return re.findall(r'(?:src|href)="(/dashboard/static/[^"]+)"', client.get("/dashboard/").text)


def test_a_browser_that_asks_for_the_root_is_sent_to_the_page(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/dashboard/")
    assert client.get("/dashboard").status_code in {301, 308, 200}


def test_the_page_and_its_files_are_served_without_a_key_and_without_a_store(client: FlaskClient) -> None:
    assert client.get("/dashboard/").mimetype == "text/html"
    found = sources(client)
    assert {Path(source).name for source in found} >= {path.name for path in OURS}
    for source in found:
        assert client.get(source).status_code == 200, source


def test_the_page_loads_nothing_from_another_host_and_runs_nothing_inline(client: FlaskClient) -> None:
    page = client.get("/dashboard/").text
    assert not ELSEWHERE.search(page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_an_upload_is_offered_where_the_service_takes_bills(client: FlaskClient) -> None:
    takes = "/imports/" in client.get("/openapi.json").get_json()["paths"]
    [button] = re.findall(r'<button[^>]*id="upload-open"[^>]*>', client.get("/dashboard/").text)
    assert ("hidden" in button) != takes


def test_the_policy_is_strict(client: FlaskClient) -> None:
    headers = client.get("/dashboard/").headers
    policy = headers["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_page_is_asked_for_each_time_and_its_files_never_again(client: FlaskClient) -> None:
    page = client.get("/dashboard/")
    assert page.headers["Cache-Control"] == "no-cache"
    again = client.get("/dashboard/", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    file = client.get(sources(client)[0])
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["000000000000/app.js", "{}/nope.js", "{}/..%2fpage.py", "{}/../page.py"])
def test_only_the_files_of_this_version_are_served(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/dashboard/static/{path.format(assets().version)}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_files_come_compressed_to_who_takes_that(client: FlaskClient) -> None:
    path = f"/dashboard/static/{assets().version}/app.js"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert plain.data == (STATIC / "app.js").read_bytes()
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_all_of_it_stays_small(client: FlaskClient) -> None:
    packed = sum(len(client.get(source, headers={"Accept-Encoding": "gzip"}).data) for source in set(sources(client)))
    assert packed < 70_000


@pytest.mark.parametrize("name", UPLOT)
def test_the_chart_library_is_what_its_author_released(name: str) -> None:
    assert hashlib.sha256(library(name)).hexdigest() == UPLOT[name]


def test_no_python_of_the_wheel_with_the_chart_library_runs() -> None:
    code = "import sys; from kumo.dashboard.assets import assets; assets(); print('youplot' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_the_wheel_with_the_chart_library_stays_at_the_version_that_was_looked_at() -> None:
    requirements = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert f"youplot=={version('youplot')}" in requirements


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_makes_no_markup_no_code_and_no_globals(path: Path) -> None:
    text = path.read_text()
    assert not FORBIDDEN.findall(text)
    assert not ELSEWHERE.findall(text)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_files_of_the_page_stay_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_import_one_another_and_nothing_else(path: Path) -> None:
    imported = re.findall(r'^(?:import|export) .*?from "([^"]+)"', path.read_text(), re.MULTILINE)
    assert all(re.fullmatch(r"\./[\w-]+\.js", name) and name[2:] in assets().files for name in imported)
