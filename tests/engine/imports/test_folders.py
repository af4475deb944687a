"""The deliveries in folders, and among files on the command line."""

import json
import os
from pathlib import Path, PurePosixPath

import pytest

from kumo.billing.files import BillFile
from kumo.engine.imports.folders import Folder, find_deliveries, find_in_folder, read_mark


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def parts_of(source: BillFile | tuple[BillFile, ...]) -> list[str]:
    return [each.path.name for each in (source if isinstance(source, tuple) else (source,))]


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("a.csv", True),
        ("deep/er/a.csv", True),
        ("_SUCCESS", True),
        ("a.csv.part", False),
        ("a.csv.TMP", False),
        ("a.crdownload", False),
        ("a.csv~", False),
        (".a.csv", False),
        (".hidden/a.csv", False),
    ],
)
def test_files_are_listed_once_their_names_say_that_they_are_finished(
    tmp_path: Path, name: str, *, listed: bool
) -> None:
    assert (PurePosixPath(name) in Folder(fill(tmp_path, name)).list_files()) is listed


def test_what_is_no_file_is_not_listed_and_has_no_mark(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.csv").mkdir()
    assert Folder(tmp_path).list_files() == {}
    assert [read_mark(tmp_path / name) for name in ("pipe.csv", "gone.csv", "folder.csv", "none")] == [None] * 4


def test_a_mark_changes_with_the_size_and_the_time_of_a_file(tmp_path: Path) -> None:
    path = fill(tmp_path, "a.csv") / "a.csv"
    os.utime(path, ns=(0, 5))
    assert read_mark(path) == (5, 5)
    os.utime(path, ns=(0, 6))
    assert read_mark(path) == (5, 6)


def test_files_of_a_folder_are_deliveries_of_their_own_or_the_parts_of_one(tmp_path: Path) -> None:
    fill(tmp_path, "a.csv", "b.csv", "x/part-00001.csv", "x/part-00002.csv", "x/_SUCCESS")
    found = {located.name: parts_of(located.source) for located in find_in_folder(tmp_path)}
    assert sorted(found.values()) == [["a.csv"], ["b.csv"], ["part-00001.csv", "part-00002.csv"]]


def test_a_manifest_is_the_delivery_of_the_files_that_it_names(tmp_path: Path) -> None:
    fill(tmp_path, "m/a.csv", "m/b.csv")
    (tmp_path / "m/Manifest.json").write_text(json.dumps({"reportKeys": ["a.csv", "b.csv"]}))
    [located] = find_in_folder(tmp_path)
    assert parts_of(located.source) == ["Manifest.json"]


def test_a_manifest_is_read_again_only_after_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "Manifest.json"
    fill(tmp_path, "a.csv", "b.csv")
    folder = Folder(tmp_path)
    found = []
    for names, changed in (["a.csv"], 1), (["b.csv"], 1), (["a.csv", "b.csv"], 2):
        path.write_text(json.dumps({"reportKeys": names}))
        os.utime(path, ns=(0, changed))
        found.append(sorted(sorted(map(str, bundle.files)) for bundle in folder.group(folder.list_files())))
    assert found[0] == found[1] == [["Manifest.json", "a.csv"], ["b.csv"]]
    assert found[2] == [["Manifest.json", "a.csv", "b.csv"]]


def test_paths_may_be_files_folders_or_missing(tmp_path: Path) -> None:
    fill(tmp_path, "x/a.csv", "y/b-00001.csv", "y/b-00002.csv", "c.csv")
    paths = [tmp_path / name for name in ("x", "y/b-00002.csv", "c.csv", "none.csv", "y/b-00001.csv")]
    found = [parts_of(located.source) for located in find_deliveries(paths)]
    assert found[0] == ["a.csv"]
    assert sorted(found[1:]) == [["b-00001.csv", "b-00002.csv"], ["c.csv"], ["none.csv"]]
    assert find_deliveries([]) == []
