"""The figures of the source, on a source small enough to count by hand."""

from pathlib import Path

import pytest

from tests.structure import source, walk


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
        "worker/c.py": "def run(\n    a,\n): ...\n",
        "wsgi.py": "import os as system\n",
        "kumo/store/lua/parts/x.lua": "-- one\n-- two\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = source.measure(tmp_path)
    assert (found.files.count, found.files.largest) == (6, 5)
    assert (found.functions.count, found.functions.median, found.parameters.largest) == (2, 2, 2)
    assert (found.scripts.count, found.scripts.largest) == (1, 2)
    assert found.repeated == {"Row": 2}
    assert found.participles == ["kumo/a.py:kept"]
    assert found.renamed == ["kumo/a.py:b as c"]
    assert found.splatted == ["kumo/made.py:2 Figures"]
    assert found.numbered == ["kumo/made.py:3 make"]


def test_the_walk_goes_from_the_request_to_slack() -> None:
    walked = walk.follow()
    assert walked.files.index("kumo/api/ingest.py") < walked.files.index("kumo/engine/detection/judge.py")
    assert walked.files.index("kumo/engine/detection/judge.py") < walked.files.index("kumo/notify/slack/channel.py")
    assert walked.turns >= len(walked.files) - 1
