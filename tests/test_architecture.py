"""The rules of the source that no linter knows: who imports whom, what is pure, what is short."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest

from tests.structure import source

ROOT: Final = Path(__file__).parents[1]
LUA: Final = sorted((ROOT / "kumo/store/lua").glob("*.lua"))
LONGEST_FILE: Final = 250
LONGEST_FUNCTION: Final = 40
LONGEST_SCRIPT: Final = 115  # record.lua: what one request changes must stand in one script

# Imports go down only, and never sideways: from top to bottom, those of one line are siblings.
LAYERS: Final = (
    {
        "wsgi",
        "worker",
        "kumo.__main__",
        "kumo.api",
        "kumo.app",
        "kumo.cli",
        "kumo.dashboard",
        "kumo.serving",
        "kumo.wsgi",
    },
    {"kumo.api.schemas"},
    {"kumo.engine", "kumo.engine.backtest", "kumo.engine.ops"},
    {"kumo.engine.imports"},
    {"kumo.engine.detection", "kumo.engine.ingest"},
    {"kumo.engine.queries"},
    {"kumo.engine.delivery", "kumo.engine.liveness"},
    {"kumo.services"},
    {"kumo.settings"},
    {"kumo.billing", "kumo.store", "kumo.notify", "kumo.jobs"},
    {"kumo.domain"},
    {"kumo.errors", "kumo.faults", "kumo.kinds", "kumo.logs", "kumo.outages", "kumo.sample"},
    {"kumo"},
)
# The exceptions: an entry point may be put together from others.
SIDEWAYS: Final = {
    "wsgi": {"kumo.wsgi"},
    "kumo.wsgi": {"kumo.app"},
    "kumo.__main__": {"kumo.cli"},
    "kumo.app": {"kumo.api", "kumo.dashboard"},
    "kumo.cli": {"kumo.app", "worker"},
    "kumo.logs": {"kumo.outages"},
}
SEES_SCHEMAS: Final = {"kumo.api", "kumo.app", "kumo.api.schemas"}
UNITS: Final = {unit: depth for depth, units in enumerate(LAYERS) for unit in units}

# What would let the world into the domain: files, processes, the network, the clock, chance.
IMPURE: Final = {
    *("asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets"),
    *("shutil", "socket", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid"),
}
CLOCKS: Final = {"now", "utcnow", "today"}
ENVIRONMENT: Final = {"environ", "environb", "getenv", "putenv"}


@dataclass(frozen=True)
class Module:
    """One source file, parsed."""

    path: Path

    @cached_property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(), str(self.path))

    @property
    def unit(self) -> str:
        return unit_of(self.name)

    def imports(self) -> Iterator[str]:
        """Yield the full name of each module that this one imports, wherever in it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                names = (f"{origin}.{alias.name}" for alias in node.names)
                yield from (name if is_module(name) else origin for name in names)

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name if self.path.stem == "__init__" else self.name.rpartition(".")[0]
        parts = package.split(".")[: len(package.split(".")) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def unit_of(name: str) -> str:
    """Return the longest unit that the module belongs to: kumo.store.keys is of kumo.store."""
    parts = name.split(".")
    prefixes = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in UNITS), "")


def ours(name: str) -> bool:
    return name.partition(".")[0] in {"kumo", "worker", "wsgi", "tests"}


def sources(*folders: str) -> list[Module]:
    return [Module(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


SHIPPED: Final = [*sources("kumo", "worker"), Module(ROOT / "wsgi.py")]


def allowed(module: Module, target: str) -> bool:
    source, unit = module.unit, unit_of(target)
    if target.startswith("tests") or (unit == "kumo.api.schemas" and source not in SEES_SCHEMAS):
        return False
    down = UNITS[unit] > UNITS[source]
    return source == unit or down or unit in SIDEWAYS.get(source, set())


@pytest.mark.parametrize("module", SHIPPED, ids=lambda module: module.name)
def test_every_module_has_its_layer(module: Module) -> None:
    placed = module.unit not in {"", "kumo"} or module.name == "kumo"
    assert placed, f"{module.name} is in no layer: give it one in LAYERS"


@pytest.mark.parametrize("module", SHIPPED, ids=lambda module: module.name)
def test_imports_go_down_only(module: Module) -> None:
    wrong = {name for name in module.imports() if ours(name) and not allowed(module, name)}
    assert not wrong, f"{module.name} may not import {sorted(wrong)}"


@pytest.mark.parametrize("module", sources("kumo/domain"), ids=lambda module: module.name)
def test_the_domain_is_pure(module: Module) -> None:
    pure = set(sys.stdlib_module_names) - IMPURE
    wrong = {
        name
        for name in module.imports()
        if not (unit_of(name) in {"kumo.domain", "kumo.errors"} or name.split(".")[0] in pure)
    }
    assert not wrong, f"{module.name} may not import {sorted(wrong)}"
    clocks = [
        f"line {node.lineno}: .{node.attr}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS
    ]
    assert not clocks, f"{module.name} looks at the clock: {clocks}"


@pytest.mark.parametrize("module", SHIPPED, ids=lambda module: module.name)
def test_only_the_settings_look_at_the_environment(module: Module) -> None:
    if module.name == "kumo.settings":
        return
    looks = [
        f"line {node.lineno}"
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and is_os(node.value))
        or (isinstance(node, ast.ImportFrom) and node.module in {"os", "dotenv"} and names(node))
    ]
    assert not looks, f"{module.name} reads the environment: {looks}; kumo.settings is for that"


def is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names} & (ENVIRONMENT | {"dotenv_values", "load_dotenv"})


@pytest.mark.parametrize("folder", ["kumo", "worker", "tests"])
def test_files_stay_short(folder: str) -> None:
    lengths = {module.name: len(module.path.read_text().splitlines()) for module in sources(folder)}
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}
    assert not long, f"longer than {LONGEST_FILE} lines: {long}"


@pytest.mark.parametrize("folder", ["kumo", "worker", "tests"])
def test_functions_stay_short(folder: str) -> None:
    long = {
        f"{module.name}.{node.name}": lines
        for module in sources(folder)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long, f"longer than {LONGEST_FUNCTION} lines: {long}"


def test_figures_are_given_by_name() -> None:
    figures = source.measure()
    assert not figures.splatted, f"take their fields out of a tuple by place: {figures.splatted}"
    assert not figures.numbered, f"are given more than {source.MOST_NUMBERS} numbers by place: {figures.numbered}"


@pytest.mark.parametrize("script", LUA, ids=lambda path: path.stem)
def test_a_script_says_what_it_takes_and_returns_and_stays_short(script: Path) -> None:
    lines = script.read_text().splitlines()
    body = lines[1:] if lines[0].startswith("#!") else lines
    code = next((number for number, line in enumerate(body) if not line.startswith("--")), 0)
    header = "\n".join(body[:code])
    missing = [word for word in ("KEYS", "ARGV", "Returns") if word not in header]
    assert not missing, f"the header of {script.name} does not say {missing}"
    assert len(lines) <= LONGEST_SCRIPT, f"{script.name} has {len(lines)} lines"
