import io
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import exceptions

from kumo import logs
from kumo.logs import OutageHandler
from tests.stack import eventually, free_port


class Written:
    """A logger whose lines, and whose clock, are in our hand."""

    def __init__(self, name: str) -> None:
        self.now = 1000.0
        self._stream = io.StringIO()
        handler = OutageHandler(lambda: self.now)
        handler.setStream(self._stream)
        handler.setFormatter(logs.LineFormatter())
        self.log = logging.getLogger(f"{name}.{id(self)}")
        self.log.propagate = False
        self.log.addHandler(handler)

    def lines(self) -> list[str]:
        """Return the written lines, without the times and the number in the logger's name."""
        text = self._stream.getvalue().replace(f".{id(self)}", "")
        return [line.partition("Z ")[2] or line for line in text.splitlines()]

    def fail(self, error: Exception) -> None:
        try:
            raise error
        except type(error):
            self.log.exception("it failed")


@pytest.fixture
def written() -> Written:
    return Written("kumo.x")


def test_an_outage_is_one_line_a_minute_without_a_stack_trace(written: Written) -> None:
    for _ in range(100):
        written.fail(exceptions.ConnectionError("Connection refused"))
    assert written.lines() == [
        "ERROR kumo.x: Redis cannot be used (ConnectionError: Connection refused). This line appears once a minute."
    ]
    written.now += 60
    written.fail(exceptions.TimeoutError("Timeout reading"))
    [_, second] = written.lines()
    assert second.startswith("ERROR kumo.x: Redis cannot be used (TimeoutError: Timeout reading). ")
    assert second.endswith(" 99 lines about it were left out.")


@pytest.mark.parametrize("error", [exceptions.ResponseError("WRONGTYPE"), ValueError("no")])
def test_another_failure_keeps_its_stack_trace_however_often(written: Written, error: Exception) -> None:
    for _ in range(2):
        written.fail(error)
    assert [line for line in written.lines() if "Traceback" in line] == ["    Traceback (most recent call last):"] * 2


def test_other_lines_go_on_meanwhile(written: Written) -> None:
    written.fail(exceptions.ConnectionError())
    written.log.warning("%d alerts are kept", 3)
    assert written.lines()[-1] == "WARNING kumo.x: 3 alerts are kept"


def test_what_rq_says_about_redis_is_part_of_it() -> None:
    written = Written("rq.worker")
    refused = exceptions.ConnectionError("Connection refused")
    for _ in range(9):
        written.log.error(
            "Worker %s: could not connect to Redis instance: %s retrying in %d seconds...", "w", refused, 1
        )
        written.log.error("Worker %s: Redis connection timeout, quitting...", "w")
    assert written.lines() == [
        "ERROR rq.worker: Redis cannot be used (ConnectionError: Connection refused). This line appears once a minute."
    ]
    written.log.error("Worker %s: found an unhandled exception, quitting...", "w")
    assert written.lines()[-1].endswith("found an unhandled exception, quitting...")


def test_a_record_is_left_as_it_is_for_others(written: Written) -> None:
    seen: list[logging.LogRecord] = []
    other = logging.Handler()
    other.emit = seen.append  # type: ignore[method-assign]
    written.log.addHandler(other)
    written.fail(exceptions.ConnectionError())
    assert seen[0].exc_info
    assert seen[0].getMessage() == "it failed"


def test_each_process_writes_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.configure("WARNING")
    [handler] = logging.root.handlers
    assert isinstance(handler, OutageHandler)
    assert handler.stream is sys.stderr


@pytest.mark.parametrize("name", ["judge", "notify", "import"])
def test_a_worker_without_a_redis_says_so_once(tmp_path: Path, name: str) -> None:
    log, began = tmp_path / "log", time.monotonic()
    command = [sys.executable, "-m", "worker", name]
    environ = os.environ | {"REDIS_URL": f"redis://127.0.0.1:{free_port()}"}
    with log.open("wb") as output, subprocess.Popen(command, env=environ, stderr=output) as worker:
        try:
            eventually(lambda: "Redis cannot be used" in log.read_text(), 60)
            time.sleep(4)  # in which it tries again three times
        finally:
            worker.terminate()
    assert len(log.read_text().splitlines()) <= 1 + (time.monotonic() - began) // 60
