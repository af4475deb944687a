"""Log lines: a time in each process, the request, and nothing in them that a sender could make up."""

import io
import logging
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from rq import Queue
from rq.serializers import JSONSerializer

from kumo import logs
from kumo.store.client import connect
from tests.cli.test_main import kumo
from tests.stack import answers, eventually, free_port, process

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+( \[[\w-]+\])?: .*"
)
FORGED = "GET /\r\n2026-01-01T00:00:00.000Z CRITICAL kumo: owned\x1b[31m\x9b\u2028\u202e\ud800"


def written(message: str, *args: object, exc_info: object = None, request: str = "") -> list[str]:
    record = logging.getLogger("kumo.x").makeRecord("kumo.x", 30, "", 0, message, args, exc_info)  # type: ignore[arg-type]
    return logs.LineFormatter(lambda: request).format(record).split("\n")


def int_of(text: str) -> int:
    raise ValueError(text)


def test_a_line_has_time_level_logger_and_message() -> None:
    [line] = written("%d alerts", 3)
    assert LINE.fullmatch(line)
    assert line.endswith(" WARNING kumo.x: 3 alerts")


def test_a_line_of_a_request_names_it() -> None:
    [line] = written("it failed", request="abc")
    assert line.endswith(" WARNING kumo.x [abc]: it failed")


def test_what_cannot_be_seen_is_escaped() -> None:
    [line] = written("%s", FORGED)
    assert line.isprintable()
    assert line.endswith(r"GET /\r\n2026-01-01T00:00:00.000Z CRITICAL kumo: owned\x1b[31m\x9b\u2028\u202e\ud800")
    [line] = written("Münze 50 € 東京 🔥")
    assert line.endswith("Münze 50 € 東京 🔥")


def test_a_traceback_is_readable_and_holds_no_line_of_its_own() -> None:
    with pytest.raises(ValueError, match="GET") as caught:
        int_of(FORGED)
    first, *others = written("it failed", exc_info=(caught.type, caught.value, caught.tb))
    assert LINE.fullmatch(first)
    assert others[0] == "    Traceback (most recent call last):"
    assert any(line.lstrip().startswith('File "') for line in others)
    assert all(line.startswith("    ") and line.isprintable() for line in others)


def test_audit_lines_are_kept_whatever_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    logs.configure("ERROR")
    logging.getLogger(logs.AUDIT).info("who did what")
    logging.getLogger("kumo.other").warning("of no interest")
    assert sys.stderr.getvalue().partition("Z ")[2] == "INFO kumo.audit: who did what\n"  # type: ignore[attr-defined]


@contextmanager
def running(name: str, log: Path, **environ: str) -> Iterator[str]:
    """Run a process; gives its address. All that it logs has the form of a line, or is indented below one."""
    port = str(free_port())
    with process(name, {"PORT": port, "WEB_CONCURRENCY": "1"} | environ, log):
        yield f"127.0.0.1:{port}"
    lines = log.read_text().splitlines()
    assert lines
    assert [line for line in lines if not LINE.fullmatch(line) and not line.startswith("    ")] == []
    assert "\x1b" not in log.read_text()


def test_the_web_writes_such_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running("web", log, REDIS_URL=f"redis://127.0.0.1:{free_port()}") as address:
        eventually(lambda: answers(f"http://{address}"))
        path = "/costs/%0aCRITICAL%20kumo:%20owned%1b[31m%E2%80%A8"
        asked = requests.get(f"http://{address}{path}", headers={"X-Request-Id": "my-id"}, timeout=10)
        assert (asked.status_code, asked.headers["X-Request-Id"]) == (503, "my-id")
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as sender, suppress(OSError):
            sender.sendall(b"GET / \x1b[31m\x00 nonsense\r\n\r\n")
            sender.recv(4096)
    text = log.read_text()
    assert r" WARNING kumo.api.problems [my-id]: GET /costs/\nCRITICAL kumo: owned\x1b[31m\u2028: Connection" in text
    assert " gunicorn.error: " in text


@pytest.mark.parametrize("name", ["judge", "notify", "import"])
def test_so_does_each_worker(tmp_path: Path, name: str) -> None:
    log = tmp_path / "log"
    with running(name, log, REDIS_URL=f"redis://127.0.0.1:{free_port()}"):
        eventually(lambda: "Redis cannot be used" in log.read_text())


def test_so_does_rq(redis_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    queue = Queue("judge", connection=connect(redis_url), serializer=JSONSerializer)
    with running("judge", log, REDIS_URL=redis_url):
        queue.enqueue("worker.tasks.judge", 10**9, failure_ttl=60)
        eventually(lambda: "Traceback" in log.read_text())
    assert "\n    IndexError" in log.read_text()


def test_so_do_commands(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_text("a,b\n1,2\n")
    found = kumo("watch", str(tmp_path), "--once", "--every", "0.1", KUMO_DATA_DIR=str(tmp_path / "var"))
    lines = [line for line in found.stderr.splitlines() if "kumo.engine.imports.watch" in line]
    assert lines
    assert all(map(LINE.fullmatch, lines))
