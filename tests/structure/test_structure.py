"""The figures of the source, on a source small enough to count by hand."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.structure import mirror, sentences, source, walk

ROOT: Final = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "participle"),
    [("kept", True), ("_judged", True), ("told_apart", True), ("keep", False), ("feed", False), ("find_kept", False)],
)
def test_a_participle_is_told_by_the_first_word(name: str, *, participle: bool) -> None:
    assert source.is_participle(name) is participle


def test_what_is_counted(tmp_path: Path) -> None:
    for name, text in {
        "kumo/a.py": "from kumo import b as c\nfrom kumo import d as d\nclass Row:\n    def kept(self, x, *, y): ...\n",
        "kumo/b.py": "class Row: ...\nclass Other: ...\n",
        "kumo/figures.py": "class Figures:\n    name: str\n    a: int\n    b: float\n    c: float | None\n",
        "kumo/made.py": "make: Final = maker(Figures)\nFigures('', *row)\nmake('', 1, 2, 3)\nmake('', 1, 2, c=3)\n",
        "kumo/deep/e.py": "def run(a):\n    return a and (a or a) and [b for b in a if b if a]\n",
        "kumo/deep/f.py": "def run(a):\n    return a and (a or a) and [b for b in a if b if a]\n",
        "tests/deep/test_f.py": "",
        "worker/c.py": "def run(\n    a,\n): ...\n",
        "worker/d.py": '"""One two. Three."""\nclass Text:\n    """Four five six."""\n',
        "README.md": "# Title\n\nOne two.\n",
        "wsgi.py": "import os as system\n",
        "kumo/store/lua/parts/x.lua": "-- one\n-- two\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = source.measure(tmp_path)
    assert (found.files.count, found.files.largest) == (9, 5)
    assert (found.functions.count, found.functions.median, found.parameters.largest) == (4, 2, 2)
    assert (found.scripts.count, found.scripts.largest) == (1, 2)
    assert (found.docstrings.count, found.docstrings.largest) == (3, 3)
    assert (found.documents.count, found.documents.largest) == (1, 2)
    assert found.repeated == {"Row": 2}
    assert found.participles == ["kumo/a.py:kept"]
    assert found.untested == ["kumo/deep/e.py"]
    assert found.renamed == ["kumo/a.py:b as c"]
    assert found.splatted == ["kumo/made.py:2 Figures"]
    assert found.numbered == ["kumo/made.py:3 make"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Return the newest entries of a series.", [7]),
        ("One two. Three? Four five!", [2, 1, 2]),
        ("A mean of 1.5 has no end in it.", [10]),
        ("No end\n\nbut a blank line", [2, 4]),
        ("- one item\n- another one", [2, 2]),
        ("Call `store.scripts.run(a, b)` or [this](https://example.org/a.b).", [4]),
        ("Before\n```sh\nmake test. Not prose.\n```\nafter", [1, 1]),
        ("| a table. | has no |\n# Nor a heading.", []),
    ],
)
def test_sentences_are_counted_in_words(text: str, words: list[int]) -> None:
    assert list(sentences.find_sentences(text)) == words


@pytest.mark.parametrize(
    ("body", "branches"),
    [
        ("", 0),
        ("if a: pass", 0),
        ("def f(): return 1", 0),
        ("def f():\n if a: pass\n elif b: pass\n else: pass", 2),
        ("def f(): return a if b and c or d else e", 3),
        ("def f(): return [x for x in y if x if y]", 3),
        ("class A:\n def f(self):\n  try: pass\n  except B: pass\n  while c:\n   for d in e: pass", 3),
        ("def f():\n def g():\n  if a: pass", 1),
        ("def f():\n match a:\n  case 1: pass\n  case _: pass", 2),
    ],
)
def test_branches_are_counted_inside_functions_and_each_once(body: str, branches: int) -> None:
    assert mirror.count_branches(ast.parse(body)) == branches


@pytest.mark.parametrize(
    ("module", "test"),
    [
        ("kumo/jobs.py", "tests/test_jobs.py"),
        ("kumo/domain/money.py", "tests/domain/test_money.py"),
        ("worker/known.py", "tests/worker/test_known.py"),
    ],
)
def test_a_test_file_mirrors_a_module_by_its_path(module: str, test: str) -> None:
    assert mirror.find_mirror(module) == test


def test_a_module_of_logic_is_tested_in_the_file_that_mirrors_it_or_elsewhere_for_a_reason() -> None:
    untested = set(source.measure().untested)
    forgotten = {name: mirror.find_mirror(name) for name in untested - mirror.ELSEWHERE.keys()}
    assert not forgotten, f"write these test files, or say in mirror.py which other file tests the module: {forgotten}"
    stale = mirror.ELSEWHERE.keys() - untested
    assert not stale, f"have a test file of their own now, or no logic: take them out of mirror.py: {stale}"
    missing = [test for test, _ in mirror.ELSEWHERE.values() if not (ROOT / test).exists()]
    assert not missing, f"not there: {missing}"


def read_spine_rows() -> list[tuple[str, str, str]]:
    """Return the files on the way of a cost that the page names, in order: path, lines, functions to begin at."""
    page = (ROOT / "docs/architecture.md").read_text().partition("## Follow a cost")[2].partition("\n## ")[0]
    return re.findall(r"^\| \d+ \| `([^`]+)` \| (\d+) \| ([^|]+) \|", page, re.MULTILINE)


def read_spine() -> dict[str, int]:
    return {path: int(lines) for path, lines, _ in read_spine_rows()}


def test_a_cost_passes_the_files_that_the_architecture_names_in_that_order() -> None:
    spine, walked = list(read_spine()), walk.follow()
    assert 0 < len(spine) <= 12
    assert [path for path in walked.files if path in spine] == spine
    assert walked.turns >= len(walked.files) - 1


@pytest.mark.parametrize(("path", "lines"), read_spine().items())
def test_the_architecture_says_how_long_a_file_on_the_way_is(path: str, lines: int) -> None:
    found = len((ROOT / path).read_text().splitlines())
    assert abs(found - lines) <= 0.1 * found, f"{path} has {found} lines"


@pytest.mark.parametrize(("path", "names"), [(path, names) for path, _, names in read_spine_rows()])
def test_a_file_on_the_way_has_the_functions_at_which_to_begin(path: str, names: str) -> None:
    begin_at = {name.rpartition(".")[2] for name in re.findall(r"`([^`]+)`", names)}
    assert begin_at
    assert begin_at <= set(re.findall(r"def (\w+)\(", (ROOT / path).read_text()))
