"""A watched folder: each complete delivery is imported once, however its files arrive, change and vanish."""

import os
from pathlib import Path

import pytest

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import lifecycle
from kumo.engine.imports.watch import describe
from kumo.services import Services
from tests.engine.imports.aging import on
from tests.engine.imports.bills import USD, arrivals, counts, of, simple, sound, sums
from tests.engine.imports.watch.deliveries import HALF, JUNE, NEWER, looked, manifest, put, watching

YEARS = 3 * 365 * 86_400


def test_a_file_is_imported_once_it_has_settled_and_then_let_alone(services: Services, folder: Path) -> None:
    put(folder, "2025/06/bill.csv", simple(JUNE))
    watch = watching(services, folder)
    assert watch.look() == []
    (done,) = watch.look()
    assert (done.status, done.name, counts(done)) == (ImportStatus.DONE, "2025/06/bill.csv", (len(JUNE), 0, 0, 0))
    assert [watch.look() for _ in range(3)] == [[], [], []]
    assert len(lifecycle.list_all(services)) == 1
    assert sums(services) == of(JUNE)
    sound(services)


def test_a_file_that_grows_is_waited_for(services: Services, folder: Path) -> None:
    whole = simple(JUNE)
    lines = whole.splitlines(keepends=True)
    path = put(folder, "bill.csv", b"".join(lines[:2]), age=60)
    watch = watching(services, folder)
    for line in lines[2:]:
        assert watch.look() == []
        with path.open("ab") as file:
            file.write(line)
    assert watch.look() == []
    (done,) = watch.look()
    assert done.rows == len(JUNE)
    assert sums(services) == of(JUNE)


def test_a_delivery_that_is_replaced_replaces(services: Services, folder: Path) -> None:
    put(folder, "bill.csv", simple(JUNE), age=60)
    watch = watching(services, folder)
    looked(watch)
    new = put(folder, "bill.csv.part", simple(NEWER))
    assert looked(watch) == []
    new.rename(folder / "bill.csv")
    (done,) = looked(watch)
    assert counts(done) == (0, 0, len(JUNE), 0)
    assert sums(services) == of(NEWER)
    put(folder, "bill.csv", simple(JUNE))
    looked(watch)
    assert sums(services) == of(JUNE)
    sound(services)


def test_the_newest_of_several_deliveries_prevails_whatever_they_are_called(services: Services, folder: Path) -> None:
    put(folder, "a-newer.csv", simple(NEWER), age=10)
    put(folder, "b-older.csv", simple(JUNE), age=100)
    assert [row.name for row in looked(watching(services, folder))] == ["b-older.csv", "a-newer.csv"]
    assert sums(services) == of(NEWER)


def test_a_second_start_brings_back_nothing(services: Services, folder: Path) -> None:
    put(folder, "older.csv", simple(JUNE), age=100)
    put(folder, "newer.csv", simple(NEWER), age=10)
    put(folder, "wrong.csv", b"hello")
    looked(watching(services, folder))
    before = arrivals(services)
    assert [row.name for row in looked(watching(services, folder))] == ["wrong.csv"]
    assert (arrivals(services), sums(services)) == (before, of(NEWER))
    forgotten = next(row for row in lifecycle.list_all(services) if row.name == "newer.csv")
    lifecycle.forget(services, forgotten.id)
    looked(watching(services, folder))
    assert sums(services) == {}


def test_what_came_while_nobody_watched_is_imported(services: Services, folder: Path) -> None:
    put(folder, "bill.csv", simple(JUNE), age=100)
    looked(watching(services, folder))
    lifecycle.run(services, put(folder.parent, "by hand.csv", simple(NEWER)), choices=USD)
    put(folder, "bill.csv", simple(JUNE), age=-100)
    assert len(looked(watching(services, folder))) == 1
    assert sums(services) == of(JUNE)


def test_a_file_that_is_refused_is_said_once_and_tried_again_once_it_changes(
    services: Services, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(folder, "wrong.csv", b"hello", age=10)
    put(folder, "right.csv", simple(JUNE))
    watch = watching(services, folder)
    with caplog.at_level("INFO"):
        assert {row.name: row.status for row in looked(watch)} == {
            "wrong.csv": ImportStatus.FAILED,
            "right.csv": ImportStatus.DONE,
        }
        assert looked(watch) == []
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "wrong.csv is refused",
        "right.csv is import 2",
    ]
    put(folder, "wrong.csv", simple([(6, "EC2", 1)]))
    assert [row.status for row in looked(watch)] == [ImportStatus.DONE]


def test_files_that_are_not_finished_or_no_files_are_passed_over(services: Services, folder: Path) -> None:
    names = (".bill.csv", ".git/bill.csv", "a.csv.part", "b.TMP", "c.crdownload", "d.csv~")
    for name in names:
        put(folder, name, simple(JUNE))
    os.mkfifo(folder / "pipe.csv")
    (folder / "nowhere.csv").symlink_to(folder / "missing.csv")
    assert looked(watching(services, folder)) == []
    assert lifecycle.list_all(services) == []


def test_nothing_in_the_folder_leads_out_of_it(services: Services, folder: Path) -> None:
    put(folder.parent, "secret.csv", simple(JUNE))
    (folder / "link.csv").symlink_to("../secret.csv")
    (folder / "up").symlink_to("..")
    manifest(folder, "away-Manifest.json", "../secret.csv")
    manifest(folder, "linked-Manifest.json", "up/secret.csv")
    errors = {row.name: str(row.error) for row in looked(watching(services, folder))}
    assert errors.keys() == {"link.csv", "away-Manifest.json", "linked-Manifest.json"}
    assert "link to a file outside" in errors["link.csv"]
    assert "link to a file outside" in errors["linked-Manifest.json"]
    assert "outside of its delivery" in errors["away-Manifest.json"]
    assert arrivals(services) == 0


def test_links_within_the_folder_are_followed(services: Services, folder: Path) -> None:
    put(folder, "..data/bill.csv", simple(JUNE[:HALF]))
    put(folder, ".parts/part.csv", simple(JUNE[HALF:]))
    (folder / "bill.csv").symlink_to("..data/bill.csv")
    (folder / "part.csv").symlink_to(".parts/part.csv")
    manifest(folder, "Manifest.json", "bill.csv", "part.csv")
    assert [row.status for row in looked(watching(services, folder))] == [ImportStatus.DONE]
    assert sums(services) == of(JUNE)


def test_the_manifest_of_a_data_export_finds_its_data(services: Services, folder: Path) -> None:
    place = "BILLING_PERIOD=2025-06/"
    put(folder, f"export/data/{place}export-1.csv", simple(JUNE))
    manifest(folder, f"export/metadata/{place}export-Manifest.json", f"data/{place}export-1.csv")
    (done,) = looked(watching(services, folder))
    assert (done.status, done.rows) == (ImportStatus.DONE, len(JUNE))


def test_a_start_brings_what_was_left_out_for_its_age_and_undoes_nothing_newer(
    services: Services, folder: Path
) -> None:
    short, long = on(services, 33, 30), on(services, 33, 3650)
    put(folder, "bill.csv", simple(JUNE), age=YEARS)
    (done,) = looked(watching(short, folder))
    assert (done.left_out, sums(services)) == (3, of(JUNE[6:]))
    assert describe("bill.csv", done).endswith("0 anomalies, 3 days left out")
    (same,) = looked(watching(short, folder))
    assert (same.same_as, arrivals(services)) == (done.id, len(JUNE[6:]))
    put(folder, "elsewhere/newer.csv", simple(NEWER[:2]), age=YEARS)
    (newer,) = looked(watching(long, folder / "elsewhere"))
    assert [row.same_as for row in looked(watching(long, folder))] == [done.id]
    assert sums(services) == of([*NEWER[:2], *JUNE[6:]])
    lifecycle.forget(services, newer.id)
    (again,) = looked(watching(long, folder))
    assert (again.left_out, sums(services)) == (0, of(JUNE))
    assert looked(watching(long, folder)) == []
    sound(services)


def test_what_is_deleted_is_no_trouble(services: Services, folder: Path) -> None:
    path = put(folder, "bill.csv", simple(JUNE), age=10)
    watch = watching(services, folder)
    watch.look()
    path.unlink()
    assert looked(watch) == []
    put(folder, "bill.csv", simple(JUNE), age=10)
    looked(watch)
    path.unlink()
    assert looked(watch) == []
    assert sums(services) == of(JUNE)
    folder.rmdir()
    assert looked(watch) == []


def test_the_files_of_a_manifest_are_one_delivery(services: Services, folder: Path) -> None:
    put(folder, "06/part-1.csv", simple(JUNE[:HALF]), age=30)
    put(folder, "06/part-2.csv", simple(JUNE[HALF:]), age=20)
    manifest(folder, "06/Manifest.json", "part-1.csv", "part-2.csv", age=10)
    manifest(folder, "Manifest.json", "06/part-1.csv", "06/part-2.csv", age=10)
    watch = watching(services, folder)
    (done,) = looked(watch)
    assert (done.rows, done.removed.entries) == (len(JUNE), 0)
    assert sums(services) == of(JUNE)
    put(folder, "06/part-2.csv", simple(NEWER[HALF:]))
    (again,) = looked(watch)
    assert (again.changed.entries, again.removed.entries) == (HALF, 0)
    sound(services)


def test_a_manifest_whose_files_come_late_is_tried_again(services: Services, folder: Path) -> None:
    manifest(folder, "Manifest.json", "part-1.csv", "part-2.csv")
    put(folder, "part-1.csv", simple(JUNE[:HALF]))
    watch = watching(services, folder)
    (refused,) = looked(watch)
    assert "not beside it" in str(refused.error)
    put(folder, "part-2.csv", simple(JUNE[HALF:]))
    (done,) = looked(watch)
    assert done.status is ImportStatus.DONE
    assert sums(services) == of(JUNE)
