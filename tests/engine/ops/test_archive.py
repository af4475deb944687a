"""The file of an export: a wrong or incomplete file is refused with one sentence before anything is done with it."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kumo.engine.imports.bill_reader import silent
from kumo.engine.ops import archive
from kumo.engine.ops.archive import Contents, Writer
from kumo.errors import InvalidExportError

KINDS = {"entry", "series"}
LINES = [{"kind": "series", "id": "ü"}, {"kind": "entry", "amount": 10**18}, {"kind": "entry", "amount": -1}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with (tmp_path / "export").open("wb") as file:
        writer = Writer(file, {"kumo": "0.1.0"})
        for line in LINES:
            writer.write(line)
        writer.end({"moved": 0})
    return tmp_path / "export"


def check(path: Path) -> Contents:
    return archive.check(path, KINDS, silent)


def change(path: Path, by: Callable[[list[str]], list[str]]) -> None:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in by(lines)).encode()))


def test_a_whole_one_says_what_is_in_it(path: Path) -> None:
    found = check(path)
    assert (found.head["format"], found.end["lines"], found.counts) == (1, 3, {"series": 1, "entry": 2})
    assert list(archive.lines(path)) == LINES


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_one_that_is_cut_off_is_refused(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InvalidExportError, match=r"incomplete|not an export"):
        check(path)


def test_each_byte_that_is_another_is_found(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(10, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(InvalidExportError):
            check(path)


@pytest.mark.parametrize(
    ("by", "what"),
    [
        (lambda lines: lines[:-1], "its last line is missing"),
        (lambda lines: [lines[0], *lines[2:]], "is damaged"),
        (lambda lines: [lines[0], *lines[2:0:-1], *lines[3:]], "is damaged"),
        (lambda lines: [*lines, lines[1]], "line 6: follows the last line"),
        (lambda lines: [*lines[:2], "{", *lines[3:]], "line 3: is not a line"),
        (lambda lines: [*lines[:2], "[1]", *lines[3:]], "line 3: is not a line"),
        (lambda lines: [lines[0], '{"kind":"hourly"}', *lines[1:]], "line 2: has an unknown kind, 'hourly'"),
        (lambda lines: lines[1:], "is not an export of Kumo"),
        (lambda lines: [lines[0].replace('"format":1', '"format":2'), *lines[1:]], "has format 2, of Kumo 0.1.0"),
    ],
)
def test_one_that_was_changed_is_refused(path: Path, by: Callable[[list[str]], list[str]], what: str) -> None:
    change(path, by)
    with pytest.raises(InvalidExportError, match=what):
        check(path)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("content", [b"", b"service,amount\n"])
def test_what_is_something_else_is_refused(path: Path, content: bytes, *, packed: bool) -> None:
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(InvalidExportError):
        check(path)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidExportError, match="cannot be read: Is a directory"):
        check(tmp_path)


def test_lines_are_json_that_other_programs_read(path: Path) -> None:
    text = gzip.GzipFile(fileobj=io.BytesIO(path.read_bytes())).read().decode()
    assert [json.loads(line)["kind"] for line in text.splitlines()] == [
        "kumo export",
        "series",
        "entry",
        "entry",
        "end",
    ]
