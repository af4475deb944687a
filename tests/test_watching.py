"""A watched folder: what is whole is imported once, however it comes, changes, vanishes or misbehaves."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from kumo import services as composition
from kumo import settings
from kumo.domain.imports import Import, State
from kumo.engine import importing
from kumo.services import Services
from kumo.store import embedded
from kumo.watching import StoppedError, Watch
from tests.engine.bills import USD, Cost, arrivals, counts, of, simple, sound, sums
from tests.engine.conftest import Build, build  # noqa: F401 - a fixture
from tests.stack import eventually
from tests.test_cli import kumo

JUNE: list[Cost] = [(day, service, 10 + day) for day in range(5) for service in ("EC2", "S3")]
NEWER: list[Cost] = [(day, service, 20 + day) for day in range(5) for service in ("EC2", "S3")]
HALF = 5


@pytest.fixture
def services(build: Build) -> Services:  # noqa: F811 - the fixture above
    return build()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def watching(services: Services, folder: Path) -> Watch:
    return Watch(services, folder, USD, lambda: False)


def put(folder: Path, name: str, content: bytes, age: int = 0) -> Path:
    """Write a file that changed so many seconds before now."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    at = path.stat().st_mtime - age
    os.utime(path, (at, at))
    return path


def looked(watch: Watch) -> list[Import]:
    """Look until nothing more is to be done."""
    watch.look()
    done: list[Import] = []
    while fresh := watch.look():
        done += fresh
    return done


def test_a_file_is_imported_once_it_has_settled_and_then_let_alone(services: Services, folder: Path) -> None:
    put(folder, "2025/06/bill.csv", simple(JUNE))
    watch = watching(services, folder)
    assert watch.look() == []
    (done,) = watch.look()
    assert (done.state, done.name, counts(done)) == (State.DONE, "2025/06/bill.csv", (len(JUNE), 0, 0, 0))
    assert [watch.look() for _ in range(3)] == [[], [], []]
    assert len(importing.listed(services)) == 1
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
    forgotten = next(row for row in importing.listed(services) if row.name == "newer.csv")
    importing.forget(services, forgotten.id)
    looked(watching(services, folder))
    assert sums(services) == {}


def test_what_came_while_nobody_watched_is_imported(services: Services, folder: Path) -> None:
    put(folder, "bill.csv", simple(JUNE), age=100)
    looked(watching(services, folder))
    importing.run(services, put(folder.parent, "by hand.csv", simple(NEWER)), choices=USD)
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
        assert {row.name: row.state for row in looked(watch)} == {"wrong.csv": State.FAILED, "right.csv": State.DONE}
        assert looked(watch) == []
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "wrong.csv is refused",
        "right.csv is import 2",
    ]
    put(folder, "wrong.csv", simple([(6, "EC2", 1)]))
    assert [row.state for row in looked(watch)] == [State.DONE]


def test_files_that_are_not_finished_or_no_files_are_passed_over(services: Services, folder: Path) -> None:
    names = (".bill.csv", ".git/bill.csv", "a.csv.part", "b.TMP", "c.crdownload", "d.csv~")
    for name in names:
        put(folder, name, simple(JUNE))
    os.mkfifo(folder / "pipe.csv")
    (folder / "nowhere.csv").symlink_to(folder / "missing.csv")
    assert looked(watching(services, folder)) == []
    assert importing.listed(services) == []


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


def test_what_vanishes_or_changes_between_look_and_import_waits(services: Services, folder: Path) -> None:
    first, second = put(folder, "a.csv", simple(JUNE), age=20), put(folder, "b.csv", simple(NEWER), age=10)
    third = put(folder, "c.csv", simple(NEWER))

    def meddle() -> bool:
        second.unlink(missing_ok=True)
        third.write_bytes(simple([(0, "RDS", 3)]))
        return False

    watch = Watch(services, folder, USD, meddle)
    watch.look()
    assert [row.name for row in watch.look()] == [first.name]
    assert sums(services) == of(JUNE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read_is_refused_and_tried_again(services: Services, folder: Path) -> None:
    path = put(folder, "bill.csv", simple(JUNE))
    path.chmod(0)
    watch = watching(services, folder)
    (refused,) = looked(watch)
    assert "cannot be read" in str(refused.error)
    path.chmod(0o600)
    os.utime(path)
    assert [row.state for row in looked(watch)] == [State.DONE]


def manifest(folder: Path, name: str, *files: str, age: int = 0) -> Path:
    return put(folder, name, json.dumps({"reportKeys": [f"bucket/export/{file}" for file in files]}).encode(), age)


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
    assert done.state is State.DONE
    assert sums(services) == of(JUNE)


def test_two_watchers_at_once_do_no_harm(services: Services, folder: Path) -> None:
    for place in range(5):
        put(folder, f"{place}.csv", simple([(day, "EC2", day + place) for day in range(9)]), age=10 * (9 - place))
    watches = [watching(services, folder) for _ in range(2)]
    threads = [threading.Thread(target=looked, args=(watch,)) for watch in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums(services) == of([(day, "EC2", day + 4) for day in range(9)])
    sound(services)


def test_a_redis_that_is_away_is_waited_for(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        with embedded.serve(Path(name)) as url:
            services = composition.build(settings.load({"REDIS_URL": url}))
            watch = watching(services, folder)
            put(folder, "bill.csv", simple(JUNE))
            watch.look()
        for _ in range(2):
            with pytest.raises(redis.ConnectionError):
                watch.look()
        with embedded.serve(Path(name)):
            (done,) = watch.look()
            assert done.state is State.DONE
            assert sums(services) == of(JUNE)


def test_a_watcher_that_is_stopped_amid_an_import_goes_on_with_the_next_start(services: Services, folder: Path) -> None:
    put(folder, "bill.csv", simple(JUNE))
    looks = iter([False, False, False, True])
    watch = Watch(services, folder, USD, lambda: next(looks))
    watch.look()
    with pytest.raises(StoppedError):
        watch.look()
    assert 0 < arrivals(services) < len(JUNE)
    looked(watching(services, folder))
    assert sums(services) == of(JUNE)
    assert [row.state for row in importing.listed(services)] == [State.DONE]
    sound(services)


def test_once_ends_with_what_became_of_the_files(redis_url: str, folder: Path) -> None:
    put(folder, "bill.csv", simple(JUNE))
    arguments = ("watch", str(folder), "--once", "--every", "0.2")
    assert kumo(*arguments, REDIS_URL=redis_url).returncode == 0
    put(folder, "wrong.csv", b"hello")
    found = kumo(*arguments, REDIS_URL=redis_url)
    assert found.returncode == 1
    assert "wrong.csv is refused" in found.stderr
    assert "bill.csv" not in found.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_watcher(redis_url: str, folder: Path, number: signal.Signals) -> None:
    services = composition.build(settings.load({"REDIS_URL": redis_url}))
    with ExitStack() as running:
        environ = os.environ | {"REDIS_URL": redis_url}
        command = [sys.executable, "-m", "kumo", "watch", str(folder), "--every", "0.1"]
        process = running.enter_context(subprocess.Popen(command, env=environ))
        running.callback(process.kill)
        put(folder, "bill.csv", simple(JUNE))
        eventually(lambda: [row for row in importing.listed(services) if row.state is State.DONE])
        process.send_signal(number)
        assert process.wait(20) == 0
