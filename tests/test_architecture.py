"""The rules of the source: the contracts about imports in pyproject.toml, and lengths, which no linter measures."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement

from tests.structure import source

ROOT: Final = Path(__file__).parents[1]
LUA: Final = sorted((ROOT / "kumo/store/lua").glob("*.lua"))
LONGEST_FILE: Final = 250
LONGEST_FUNCTION: Final = 40
LONGEST_SCRIPT: Final = 115  # record.lua: one script contains everything that one request changes
VENDOR: Final = re.compile(r"\bSlack\b|\bslack_|\"slack\"|\bSLACK_")
VENDOR_IN: Final = {".py", ".js", ".lua", ".html"}
# Besides the channels: the settings, the sandbox of the demo, which acts as Slack, and the examples of the API.
NAME_A_VENDOR: Final = {"kumo/settings.py", "kumo/cli/sandbox.py", "kumo/api/schemas/alerts.py"}
# For each contract an import that breaks it: the module, its import, and the text of the report.
BREACHES: Final = {
    "layers": ("kumo/store/keys.py", "kumo.notify.text", "kumo.store is not allowed to import kumo.notify"),
    "engine": ("kumo/engine/delivery.py", "kumo.engine.ingest", "kumo.engine.delivery -> kumo.engine.ingest"),
    "schemas": ("kumo/services.py", "kumo.api.schemas.fields", "kumo.services -> kumo.api.schemas.fields"),
    "schemas-below": ("kumo/api/schemas/fields.py", "kumo.api.paging", "kumo.api.schemas.fields -> kumo.api.paging"),
    "cycles": ("kumo/billing/literals.py", "kumo.billing.formats", ".literals -> .formats"),
    "worker": ("worker/known.py", "kumo.app", "worker.known -> kumo.app"),
    "worker-from-cli": ("kumo/engine/liveness.py", "worker.known", "kumo.engine.liveness -> worker.known"),
    "cli": ("kumo/cli/output.py", "kumo.api.paging", "kumo.cli.output -> kumo.api.paging"),
    "entry-points": ("kumo/api/paging.py", "kumo.store.keys", "kumo.api.paging -> kumo.store.keys"),
    "tests": ("kumo/faults.py", "tests.faults", "kumo.faults -> tests"),
    "domain": ("kumo/domain/money.py", "time", "kumo.domain.money -> time"),
}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def contracts() -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in project()["tool"]["importlinter"]["contracts"]}


def lint(folder: Path, *options: str) -> tuple[int, str]:
    """Check the contracts on the source in a folder; returns the exit code and the report."""
    program = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", program, "--no-logo", "--no-cache", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the source into a folder in which it may be broken."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("kumo", "worker"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_imports_keep_to_the_contracts() -> None:
    code, report = lint(ROOT)
    assert code == 0, report


@pytest.mark.parametrize("contract", BREACHES)
def test_a_contract_about_imports_is_checked(copied: Path, contract: str) -> None:
    path, imported, told = BREACHES[contract]
    whole = (copied / path).read_text()
    (copied / path).write_text(f"{whole}\nimport {imported}\n")
    code, report = lint(copied, "--contract", contract)
    (copied / path).write_text(whole)
    assert (code, told in report) == (1, True), report


def test_each_contract_about_imports_is_tried() -> None:
    assert set(contracts()) == set(BREACHES)


def test_the_domain_may_use_nothing_that_kumo_installs() -> None:
    described = project()["project"]
    extras = described["optional-dependencies"]
    needed = {Requirement(each).name for each in [*described["dependencies"], *extras["embedded"], *extras["parquet"]]}
    modules = {module for module, names in packages_distributions().items() if needed & {*map(canonical, names)}}
    assert modules <= set(contracts()["domain"]["forbidden_modules"])


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def sources(*folders: str) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each module in some folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path


@pytest.mark.parametrize("folder", ["kumo", "worker", "tests"])
def test_files_stay_short(folder: str) -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in sources(folder)}
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}
    assert not long, f"longer than {LONGEST_FILE} lines: {long}"


@pytest.mark.parametrize("folder", ["kumo", "worker", "tests"])
def test_functions_stay_short(folder: str) -> None:
    long = {
        f"{name}: {node.name}": lines
        for name, path in sources(folder)
        for node in ast.walk(ast.parse(path.read_text(), name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long, f"longer than {LONGEST_FUNCTION} lines: {long}"


def test_figures_are_given_by_name() -> None:
    figures = source.measure()
    assert not figures.splatted, f"take their fields out of a tuple by place: {figures.splatted}"
    assert not figures.numbered, f"are given more than {source.MOST_NUMBERS} numbers by place: {figures.numbered}"


def test_names_stand_alone() -> None:
    renamed = source.measure().renamed
    assert not renamed, f"our own names are renamed where they are imported: {renamed}"


def test_only_channels_and_settings_name_a_vendor() -> None:
    paths = [path for name in ("kumo", "worker") for path in (ROOT / name).rglob("*.*") if path.suffix in VENDOR_IN]
    names = {str(path.relative_to(ROOT)) for path in paths if VENDOR.search(path.read_text())}
    assert {name for name in names if not name.startswith("kumo/notify/")} == NAME_A_VENDOR


@pytest.mark.parametrize("script", LUA, ids=lambda path: path.stem)
def test_a_script_says_what_it_takes_and_returns_and_stays_short(script: Path) -> None:
    lines = script.read_text().splitlines()
    body = lines[1:] if lines[0].startswith("#!") else lines
    code = next((number for number, line in enumerate(body) if not line.startswith("--")), 0)
    header = "\n".join(body[:code])
    missing = [word for word in ("KEYS", "ARGV", "Returns") if word not in header]
    assert not missing, f"the header of {script.name} does not say {missing}"
    assert len(lines) <= LONGEST_SCRIPT, f"{script.name} has {len(lines)} lines"
