"""`kumo.processes` with other modules in place of Kumo's own, so that they can be made to fail."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# Honcho's own patience is made shorter than ours, as it is in earnest: 5 s against 20.
PROGRAM = """
import honcho.manager, os, sys
from kumo import processes
{before}
honcho.manager.KILL_WAIT = 0.5
processes.STOP_SECONDS = 2
processes.COMMANDS = {{name: (name, "pids") for name in sys.argv[1:]}}
sys.exit(processes.run(os.environ))
"""
# As if a signal came while the first of them is being started.
TERMINATE_FIRST = """
start = processes._Group._start
processes._Group._start = lambda group: (group.terminate(), start(group))
"""
# Each writes its process id into a file, says so and goes on until it is told to stop.
READY = """
import os, pathlib, signal, subprocess, sys, time
pathlib.Path(sys.argv[1], str(os.getpid())).touch()
print("at work", flush=True)
"""
MODULES = {
    "patient": READY + "time.sleep(60)",
    "polite": READY + "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\ntime.sleep(60)",
    "deaf": READY + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
    "failing": READY + "time.sleep(0.5)\nsys.exit(3)",
    "parent": READY
    + "null = subprocess.DEVNULL\n"
    + "subprocess.Popen([sys.executable, '-m', 'deaf', sys.argv[1]], stdout=null, stderr=null)\n"
    + "time.sleep(60)",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    (tmp_path / "pids").mkdir()
    return tmp_path


def start(folder: Path, *names: str, before: str = "") -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": f"{Path(__file__).parents[1]}"}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(before=before), *names],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def pids(folder: Path) -> list[int]:
    return [int(path.name) for path in (folder / "pids").iterdir()]


def wait_for(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(pids(folder)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def assert_none_left(folder: Path) -> None:
    """Look for each: what ended and waits for init to notice, shown as Z, is gone too."""
    time.sleep(0.1)
    command = ["ps", "-o", "stat=", "-p", ",".join(map(str, pids(folder)))]
    states = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.split()
    assert [state for state in states if not state.startswith("Z")] == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_all(folder: Path, number: signal.Signals, code: int) -> None:
    with start(folder, "patient", "polite") as program:
        wait_for(folder, 2)
        program.send_signal(number)
        output, _ = program.communicate(timeout=20)
    assert program.returncode == code
    assert "polite  | at work" in output
    assert_none_left(folder)


def test_ctrl_c_in_the_terminal_stops_all(folder: Path) -> None:
    with start(folder, "patient", "polite") as program:
        wait_for(folder, 2)
        os.killpg(program.pid, signal.SIGINT)
        program.communicate(timeout=20)
    assert program.returncode == 130
    assert_none_left(folder)


def test_a_closed_terminal_stops_all(folder: Path) -> None:
    with start(folder, "patient", "polite") as program:
        wait_for(folder, 2)
        os.killpg(program.pid, signal.SIGHUP)
        program.communicate(timeout=20)
    assert program.returncode == 143
    assert_none_left(folder)


def test_one_that_dies_takes_the_others_along_and_its_code_is_the_answer(folder: Path) -> None:
    with start(folder, "failing", "polite", "patient") as program:
        program.communicate(timeout=20)
    assert program.returncode == 3
    assert_none_left(folder)


@pytest.mark.parametrize("names", [("deaf",), ("deaf", "polite")])
def test_what_does_not_listen_is_killed_after_its_time(folder: Path, names: tuple[str, ...]) -> None:
    with start(folder, *names) as program:
        wait_for(folder, len(names))
        time.sleep(0.2)
        asked = time.monotonic()
        program.terminate()
        program.communicate(timeout=20)
    assert time.monotonic() - asked >= 2
    assert_none_left(folder)


def test_what_one_of_them_leaves_behind_is_killed(folder: Path) -> None:
    with start(folder, "parent", "polite") as program:
        wait_for(folder, 3)
        time.sleep(0.2)
        program.terminate()
        program.communicate(timeout=20)
    assert_none_left(folder)


def test_a_stop_that_comes_before_all_have_started_reaches_them_all(folder: Path) -> None:
    with start(folder, "patient", "polite", before=TERMINATE_FIRST) as program:
        program.communicate(timeout=20)
    assert program.returncode in {0, 143}
    assert_none_left(folder)


@pytest.mark.parametrize("delay", [0.15, 0.25, 0.35, 0.45])
def test_a_signal_while_it_still_starts_stops_all(folder: Path, delay: float) -> None:
    with start(folder, "patient", "polite") as program:
        time.sleep(delay)
        os.killpg(program.pid, signal.SIGINT)
        program.communicate(timeout=20)
    assert program.returncode in {130, -signal.SIGINT, 1}
    assert_none_left(folder)
