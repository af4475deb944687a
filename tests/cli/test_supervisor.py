"""`kumo.cli.supervisor` with other modules instead of Kumo's own, so that they can fail on demand."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from kumo.store import embedded
from tests.stack import eventually
from tests.store.test_embedded import server_pid

PROGRAM = """
import os, sys
from contextlib import nullcontext
from pathlib import Path
from kumo import logs
from kumo.cli import supervisor
from kumo.store import embedded
logs.configure("WARNING")
supervisor.STOP_SECONDS = 2
supervisor.PAUSE_SECONDS = 0.05
supervisor.AT_ONCE_SECONDS = 60
data_dir, *names = sys.argv[1:]
supervisor.COMMANDS = {name: (name, "pids") for name in names}
with embedded.serve(Path(data_dir)) if data_dir else nullcontext():
    code = supervisor.run(os.environ, Path(data_dir) if data_dir else None)
sys.exit(code)
"""
# Each writes its process id into a file, prints a line and runs until it is told to stop.
READY = """
import os, pathlib, signal, subprocess, sys, time
pids = pathlib.Path(sys.argv[1])
(pids / str(os.getpid())).touch()
print("at work", flush=True)
"""
MODULES = {
    "patient": READY + "time.sleep(600)",
    "polite": READY + "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\ntime.sleep(600)",
    "deaf": READY + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)",
    "failing": READY + "sys.exit(3)",
    "fourth": READY + "sys.exit(3) if len(list(pids.iterdir())) < 4 else time.sleep(600)",
    "crashing": READY + "os.kill(os.getpid(), signal.SIGABRT)",
    "talking": READY + "sys.stdout.buffer.write(b'half \\xff a line')\nsys.stdout.flush()\nos.close(1)\nos.close(2)\n"
    "time.sleep(600)",
    "parent": READY
    + "null = subprocess.DEVNULL\n"
    + "subprocess.Popen([sys.executable, '-m', 'deaf', sys.argv[1]], stdout=null, stderr=null)\n"
    + "time.sleep(600)",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    (tmp_path / "pids").mkdir()
    return tmp_path


@contextmanager
def program(folder: Path, *names: str, data_dir: str = "", printed: str = "output") -> Iterator[subprocess.Popen[str]]:
    """Run the supervisor in its own session; its output goes to the file `output`, or another one."""
    with (folder / printed).open("w") as output:
        running = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, data_dir, *names],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{Path(__file__).parents[2]}"},
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def pids(folder: Path) -> list[int]:
    return [int(path.name) for path in (folder / "pids").iterdir()]


def wait_for(folder: Path, count: int) -> list[int]:
    eventually(lambda: len(pids(folder)) >= count, 60)
    return pids(folder)


def said(folder: Path, text: str) -> Callable[[], bool]:
    return lambda: text in (folder / "output").read_text()


def is_running(pid: int, name: str = "") -> bool:
    """Return whether a process with this module runs; a zombie that waits for init (Z) does not count."""
    command = ["ps", "-o", "stat=,args=", "-p", str(pid)]
    state, _, arguments = subprocess.run(command, capture_output=True, text=True, check=False).stdout.partition(" ")
    return bool(state) and not state.startswith("Z") and name in arguments


def assert_none_left(folder: Path) -> None:
    eventually(lambda: not any(map(is_running, pids(folder))), 10)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_stops_all(folder: Path, number: signal.Signals, code: int) -> None:
    with program(folder, "patient", "polite") as running:
        wait_for(folder, 2)
        eventually(said(folder, "polite  | at work"))
        running.send_signal(number)
        assert running.wait(60) == code
    assert_none_left(folder)


def test_ctrl_c_in_the_terminal_stops_all(folder: Path) -> None:
    with program(folder, "patient", "polite") as running:
        wait_for(folder, 2)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(60) == 130
    assert_none_left(folder)


def test_what_is_killed_starts_again_beside_the_others(folder: Path) -> None:
    with program(folder, "patient", "polite") as running:
        for count in (3, 4, 5, 6, 7, 8):
            for pid in wait_for(folder, count - 1):
                if is_running(pid, "patient"):
                    os.kill(pid, signal.SIGKILL)
            wait_for(folder, count)
        eventually(
            said(folder, "WARNING kumo.cli.supervisor: patient was killed by SIGKILL, and starts again in 0.05 s.")
        )
        assert running.poll() is None
        running.terminate()
        assert running.wait(60) == 143
    assert_none_left(folder)


@pytest.mark.parametrize(
    ("name", "how"), [("failing", "ended with exit code 3"), ("crashing", "was killed by SIGABRT")]
)
def test_what_fails_at_once_five_times_stops_all(folder: Path, name: str, how: str) -> None:
    with program(folder, name, "polite", "patient") as running:
        assert running.wait(60) == 1
    output = (folder / "output").read_text()
    assert f"{name} {how}, and starts again in 0.8 s." in output
    assert f"{name} {how}, 5 times in a row right after its start: Kumo stops." in output
    assert len(pids(folder)) == 7
    assert_none_left(folder)


def test_what_fails_a_few_times_and_then_runs_is_kept(folder: Path) -> None:
    with program(folder, "fourth") as running:
        wait_for(folder, 4)
        time.sleep(0.5)
        assert running.poll() is None
        running.terminate()
        assert running.wait(60) == 143
    assert_none_left(folder)


def test_what_a_part_leaves_behind_is_killed_before_it_starts_again(folder: Path) -> None:
    with program(folder, "parent"):
        first = wait_for(folder, 2)
        [parent] = [pid for pid in first if is_running(pid, "parent")]
        os.kill(parent, signal.SIGKILL)
        wait_for(folder, 4)
        for pid in first:
            eventually(lambda pid=pid: not is_running(pid))


def test_an_unfinished_line_is_shown_in_the_end_and_a_closed_pipe_ends_nothing(folder: Path) -> None:
    with program(folder, "talking") as running:
        eventually(said(folder, "talking | half \ufffd a line\n"))
        assert running.poll() is None
        running.terminate()
        assert running.wait(60) == 143


def test_that_its_own_lines_cannot_be_written_ends_nothing(folder: Path) -> None:
    with program(folder, "fourth", printed="/dev/full") as running:
        wait_for(folder, 4)
        running.terminate()
        assert running.wait(60) in {143, 120}  # 120: Python's own, if the last line cannot be written
    assert_none_left(folder)


@pytest.mark.parametrize("names", [("deaf",), ("deaf", "polite")])
def test_what_does_not_listen_is_killed_after_its_time(folder: Path, names: tuple[str, ...]) -> None:
    with program(folder, *names) as running:
        wait_for(folder, len(names))
        time.sleep(0.2)
        asked = time.monotonic()
        running.terminate()
        running.wait(60)
    assert time.monotonic() - asked >= 2
    assert_none_left(folder)


def test_what_one_of_them_leaves_behind_is_killed_in_the_end(folder: Path) -> None:
    with program(folder, "parent", "polite") as running:
        wait_for(folder, 3)
        running.terminate()
        assert running.wait(60) == 143
    assert_none_left(folder)


@pytest.mark.parametrize("delay", [0.15, 0.25, 0.35, 0.45])
def test_a_signal_while_it_still_starts_stops_all(folder: Path, delay: float) -> None:
    with program(folder, "patient", "polite") as running:
        time.sleep(delay)

        def has_ended() -> bool:
            """Press Ctrl-C again: Python itself may lose one in the middle of an import."""
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGINT)
                time.sleep(0.5)
            return running.poll() is not None

        eventually(has_ended, 60)
        assert running.returncode in {130, -signal.SIGINT, 1}
    assert_none_left(folder)


def test_a_server_that_is_killed_starts_again_with_what_was_acknowledged(folder: Path) -> None:
    with TemporaryDirectory(prefix="kumo-test-") as data_dir, program(folder, "patient", data_dir=data_dir) as running:
        url = embedded.url(Path(data_dir))
        wait_for(folder, 1)
        for count in range(1, 4):
            with Redis.from_url(url) as client:
                assert client.incr("count") == count
            before = server_pid(url)
            os.kill(before, signal.SIGKILL)
            eventually(lambda: embedded.running(Path(data_dir)), 60)
        eventually(
            said(folder, "WARNING kumo.cli.supervisor: server was killed by SIGKILL, and starts again in 0.05 s.")
        )
        running.terminate()
        assert running.wait(60) == 143
        assert not embedded.is_there(Path(data_dir))
