import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from redis import Redis

from kumo.errors import SettingsError, StoreUnavailableError
from kumo.store import embedded

pytestmark = pytest.mark.server  # of which it is about

# A command that uses the server until its standard input closes, deaf to Ctrl-C like a manager.
COMMAND = """
import signal, sys
from pathlib import Path
from kumo.store import embedded
signal.signal(signal.SIGINT, signal.SIG_IGN)
with embedded.serve(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="kumo-test-") as name:
        yield Path(name) / "var"


@contextmanager
def other_command(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == b"ready\n"
        yield command


def run_id(url: str) -> str:
    with Redis.from_url(url) as client:
        return str(client.info("server")["run_id"])


def server_pid(url: str) -> int:
    with Redis.from_url(url) as client:
        return int(client.info("server")["process_id"])


def test_it_runs_while_the_block_does(folder: Path) -> None:
    assert not embedded.running(folder)
    with embedded.serve(folder) as url:
        pid = server_pid(url)
        assert url == embedded.url(folder)
        assert embedded.running(folder)
    assert not embedded.running(folder)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_keeps_every_write_and_evicts_nothing(folder: Path) -> None:
    with embedded.serve(folder) as url, Redis.from_url(url) as client:
        wanted = {
            "appendonly": "yes",
            "appendfsync": "always",
            "maxmemory-policy": "noeviction",
            "port": "0",
            "save": "",
        }
        assert client.config_get(*wanted) == wanted


def test_no_other_user_of_the_machine_reaches_the_data(folder: Path) -> None:
    with embedded.serve(folder):
        modes = [embedded.socket_path(folder), folder, folder / "appendonlydir"]
        assert [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in modes] == [0, 0, 0]


def test_what_was_written_last_is_there_after_a_restart(folder: Path) -> None:
    with embedded.serve(folder) as url, Redis.from_url(url) as client:
        client.set("kumo:x", "kept")
    with embedded.serve(folder) as url, Redis.from_url(url) as client:
        assert client.get("kumo:x") == b"kept"


def test_it_starts_again_after_the_server_was_killed(folder: Path) -> None:
    with embedded.serve(folder) as url:
        os.kill(server_pid(url), signal.SIGKILL)
    with embedded.serve(folder) as again:
        assert embedded.running(folder)
        assert again == url


def test_those_who_look_do_not_take_each_other_for_the_server(folder: Path) -> None:
    with embedded.serve(folder):
        pass
    with embedded._open(folder, "valkey.lock") as looking:
        assert embedded._try_lock(looking, fcntl.LOCK_SH)
        assert not embedded.is_there(folder)


@pytest.mark.parametrize("name", ["a file", "a file/var"])
def test_a_folder_that_cannot_be_written_to_is_named_with_its_setting(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / "a file").touch()
    with pytest.raises(SettingsError, match=f"KUMO_DATA_DIR: .*{name} is not writable"), embedded.serve(folder / name):
        pass


def test_a_second_command_shares_the_server_and_the_last_to_leave_stops_it(folder: Path) -> None:
    with other_command(folder) as first:
        before = run_id(embedded.url(folder))
        with embedded.serve(folder) as url:
            first.communicate()
            assert run_id(url) == before
    assert not embedded.running(folder)


def test_a_command_that_leaves_early_does_not_stop_the_server_under_another(folder: Path) -> None:
    with other_command(folder):
        with embedded.serve(folder):
            pass
        assert embedded.running(folder)
    assert not embedded.running(folder)


def test_many_that_start_at_once_share_one_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = Barrier(8, timeout=20)
    spawn = embedded._spawn

    def spawn_late(folder: Path) -> None:
        time.sleep(0.1)  # time for the others to reach the same conclusion, if they could
        spawn(folder)

    monkeypatch.setattr(embedded, "_spawn", spawn_late)

    def start(_: int) -> str:
        together.wait()
        with embedded.serve(folder) as url:
            seen = run_id(url)
            together.wait()
            return seen

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
    assert not embedded.running(folder)


def test_ctrl_c_in_the_terminal_leaves_the_server_running(folder: Path) -> None:
    with other_command(folder) as command:
        os.killpg(command.pid, signal.SIGINT)
        time.sleep(0.2)
        assert embedded.running(folder)
    assert not embedded.running(folder)


def test_a_server_whose_command_was_killed_is_taken_over_and_stopped(folder: Path) -> None:
    with other_command(folder) as command:
        os.killpg(command.pid, signal.SIGKILL)
    assert embedded.running(folder)
    with embedded.serve(folder):
        assert embedded.running(folder)
    assert not embedded.running(folder)


def test_a_server_that_is_not_ours_is_left_running(folder: Path) -> None:
    folder.mkdir()
    command = embedded._command(folder, embedded.socket_path(folder))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as foreign:
        while not embedded.running(folder):
            time.sleep(0.01)
        with embedded.serve(folder):
            pass
        assert embedded.running(folder)
        foreign.terminate()


def test_a_server_that_cannot_read_its_data_names_its_log(folder: Path) -> None:
    (folder / "appendonlydir").mkdir(parents=True)
    (folder / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(StoreUnavailableError, match=r"valkey\.log"), embedded.serve(folder):
        pass


@pytest.mark.parametrize("name", ["with space, 'quote' and %41", "long" * 30])
def test_any_data_folder_will_do(folder: Path, name: str) -> None:
    with embedded.serve(folder / name) as url, Redis.from_url(url) as client:
        assert client.ping()


def test_a_long_path_moves_the_socket_to_a_private_temp_folder(folder: Path) -> None:
    deep = folder / ("long" * 30)
    socket = embedded.socket_path(deep)
    assert len(os.fsencode(socket)) <= embedded.LONGEST_SOCKET_PATH
    assert socket == embedded.socket_path(deep)
    assert socket != embedded.socket_path(folder / ("Long" * 30))
    with embedded.serve(deep):
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    shutil.rmtree(socket.parent)
