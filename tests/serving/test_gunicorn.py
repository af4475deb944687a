import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kumo.api.ingest import MOST_WAITERS
from tests.stack import answers, eventually, free_port

JSON = b"POST /ingest/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n\r\n{"
FORM = (
    b"POST /imports/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    b"Content-Length: 999999\r\n\r\n--x\r\n"
)
PRINT = "from kumo import serving as s; print(s.bind, s.workers, s.worker_class, s.graceful_timeout)"


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, "127.0.0.1:8000 2 kumo.serving.webworker.WebWorker 15"),
        ({"KUMO_HOST": "::", "PORT": "81", "WEB_CONCURRENCY": "3"}, "[::]:81 3 kumo.serving.webworker.WebWorker 15"),
    ],
)
def test_gunicorn_listens_where_the_settings_say(environ: dict[str, str], shown: str) -> None:
    command = [sys.executable, "-c", PRINT]
    assert subprocess.check_output(command, env=environ, text=True).strip() == shown


def test_gunicorn_takes_the_configuration() -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", "python:kumo.serving", "--print-config"]
    shown = subprocess.check_output([*command, "wsgiref.simple_server:demo_app"], text=True)
    values = dict(line.split("=", 1) for line in shown.replace(" ", "").splitlines() if "=" in line)
    assert "kumo.serving.webworker.WebWorker" in values["worker_class"]
    assert (values["threads"], values["keepalive"], values["preload_app"]) == ("8", "75", "False")
    assert values["control_socket_disable"] == "True"


def test_those_who_wait_for_a_verdict_leave_threads_to_others() -> None:
    command = [sys.executable, "-c", "from kumo import serving; print(serving.threads)"]
    assert int(subprocess.check_output(command, env={}, text=True)) // 2 >= MOST_WAITERS


def test_gunicorn_gives_up_where_the_service_would_stand_open(redis_url: str) -> None:
    environ = {"KUMO_HOST": "0.0.0.0", "PORT": str(free_port()), "REDIS_URL": redis_url}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:kumo.serving", "wsgi:app"]
    found = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode != 0  # 4, or 1 if two of its processes end at once
    assert "there is no API key" in found.stderr


def test_a_body_that_comes_too_slowly_is_refused_as_a_problem(redis_url: str, tmp_path: Path) -> None:
    quick = tmp_path / "quick.py"
    quick.write_text(
        "from kumo.serving import connections\nconnections.SILENT_SECONDS = 1\nfrom kumo.serving import *\n"
    )
    port = free_port()
    environ = {"PORT": str(port), "REDIS_URL": redis_url, "WEB_CONCURRENCY": "1"}
    command = [sys.executable, "-m", "gunicorn", "-c", str(quick), "wsgi:app"]
    running = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(f"http://127.0.0.1:{port}"))
        for begun in (JSON, FORM):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as sender:
                sender.sendall(begun)
                answer = b"".join(iter(lambda: sender.recv(4096), b""))
                assert answer.startswith(b"HTTP/1.1 408 ")
                assert b"application/problem+json" in answer
    finally:
        running.terminate()
        running.wait(25)
