"""A watched folder in trouble: files that vanish, two watchers, no Redis, signals."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from kumo import services as composition
from kumo import settings
from kumo.domain.imports import ImportStatus
from kumo.engine.imports import lifecycle
from kumo.engine.imports.watch import Watch, WatchStoppedError
from kumo.services import Services
from kumo.store import embedded
from tests.cli.test_main import kumo
from tests.engine.imports.bills import USD, arrivals, of, simple, sound, sums
from tests.engine.imports.watch.deliveries import JUNE, NEWER, looked, put, watching
from tests.stack import eventually
from tests.store.test_embedded import server_pid


def test_what_vanishes_or_changes_between_look_and_import_waits(services: Services, folder: Path) -> None:
    first, second = put(folder, "a.csv", simple(JUNE), age=20), put(folder, "b.csv", simple(NEWER), age=10)
    third = put(folder, "c.csv", simple(NEWER))

    settled = threading.Event()

    def meddle() -> bool:
        if settled.is_set():
            second.unlink(missing_ok=True)
            third.write_bytes(simple([(0, "RDS", 3)]))
        return False

    watch = Watch(services, folder, USD, meddle)
    watch.look()
    settled.set()
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
    assert [row.status for row in looked(watch)] == [ImportStatus.DONE]


@pytest.mark.parametrize("fault", [MemoryError(), OSError(errno.ENOSPC, "No space left on device")])
def test_what_there_is_no_room_for_is_tried_again_with_the_next_look(
    services: Services, folder: Path, fault: OSError | MemoryError
) -> None:
    put(folder, "first.csv", simple(JUNE), age=20)
    put(folder, "second.csv", simple([(0, "RDS", 1)]).replace(b"0001", b"0002"), age=10)
    faults = [fault]

    def reach(point: str) -> None:
        if point == "import.read" and faults:
            raise faults.pop()

    watch = watching(replace(services, failpoint=reach), folder)
    watch.look()
    with pytest.raises(type(fault)):
        watch.look()
    assert [row.name for row in lifecycle.list_all(services)] == ["second.csv"]
    assert [row.name for row in watch.look()] == ["first.csv"]


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
            assert done.status is ImportStatus.DONE
            assert sums(services) == of(JUNE)


def test_a_watcher_that_is_stopped_amid_an_import_goes_on_with_the_next_start(services: Services, folder: Path) -> None:
    put(folder, "bill.csv", simple(JUNE))
    looks = iter([False, False, False, False, True])
    watch = Watch(services, folder, USD, lambda: next(looks))
    watch.look()
    with pytest.raises(WatchStoppedError):
        watch.look()
    assert 0 < arrivals(services) < len(JUNE)
    looked(watching(services, folder))
    assert sums(services) == of(JUNE)
    assert [row.status for row in lifecycle.list_all(services)] == [ImportStatus.DONE]
    sound(services)


def test_a_watcher_that_is_stopped_while_it_reads_what_it_may_know_stops(services: Services, folder: Path) -> None:
    put(folder, "bill.csv", simple(JUNE))
    looks = iter([False, False, True])
    watch = Watch(services, folder, USD, lambda: next(looks))
    watch.look()
    with pytest.raises(WatchStoppedError):
        watch.look()


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
        eventually(lambda: [row for row in lifecycle.list_all(services) if row.status is ImportStatus.DONE])
        process.send_signal(number)
        assert process.wait(20) == 0


def test_a_watcher_starts_its_embedded_server_again(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="kumo-test-") as name, ExitStack() as running:
        data_dir = Path(name)
        command = [sys.executable, "-m", "kumo", "watch", str(folder), "--every", "0.1"]
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("KUMO_", "REDIS"))}
        process = running.enter_context(subprocess.Popen(command, env=clean | {"KUMO_DATA_DIR": name}))
        running.callback(process.kill)
        eventually(lambda: embedded.running(data_dir), 60)
        services = composition.build(settings.load({"REDIS_URL": embedded.url(data_dir)}))

        def is_imported(name: str) -> bool:
            with suppress(redis.RedisError):
                return any(row.name == name and row.status is ImportStatus.DONE for row in lifecycle.list_all(services))
            return False

        put(folder, "first.csv", simple(JUNE))
        eventually(lambda: is_imported("first.csv"), 60)
        os.kill(server_pid(embedded.url(data_dir)), signal.SIGKILL)
        put(folder, "second.csv", simple([(0, "RDS", 1)]).replace(b"0001", b"0002"))
        eventually(lambda: is_imported("second.csv"), 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not embedded.is_there(data_dir)
