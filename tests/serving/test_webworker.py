"""`kumo.serving.webworker` under a small application: no thread of it waits for a client."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from kumo.serving.connections import HELD_BYTES
from tests.stack import answers, eventually, free_port

# Limits are small here, so that few clients are enough.
CONFIG = """
import socket
from kumo.serving import connections
connections.SILENT_SECONDS = {seconds}
from kumo.serving import *
threads = 2
workers = 1
def when_ready(server):
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
"""
LARGE: Final = b"0123456789" * 100_000
MANY: Final = 20
HEAD: Final = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the length of the body; `/large` with much, `/stuck` once the file of its query is there."""
    path = environ["PATH_INFO"]
    if path == "/stuck":
        eventually(Path(environ["QUERY_STRING"]).exists, 600)
    try:
        length = len(environ["wsgi.input"].read())
    except TimeoutError:
        start_response("408 Request Timeout", [("Content-Length", "0")])
        return []
    answer = LARGE if path == "/large" else str(length).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


@contextmanager
def serving(folder: Path, seconds: float) -> Iterator[int]:
    config = folder / f"config{seconds:.0f}.py"
    config.write_text(CONFIG.format(seconds=seconds))
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", str(config), "tests.serving.test_webworker:app"]
    running = subprocess.Popen(command, env=os.environ | {"PORT": str(port)}, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(f"http://127.0.0.1:{port}"))
        yield port
    finally:
        running.terminate()
        running.wait(60)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("patient"), 3600) as found:
        yield found


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("strict"), 1) as found:
        yield found


@contextmanager
def many(port: int, begin: bytes, drop: bytes = b"") -> Iterator[list[socket.socket]]:
    """Let many connections begin a request, and continue it drop by drop."""
    stop = threading.Event()
    clients = [socket.socket() for _ in range(MANY)]
    for client in clients:
        client.settimeout(60)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(begin)

    def drip() -> None:
        while drop and not stop.wait(0.1):
            for client in clients:
                client.sendall(drop)

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        yield clients
    finally:
        stop.set()
        dripping.join()
        for client in clients:
            client.close()


def ask(port: int, path: str = "/") -> str:
    return requests.post(f"http://127.0.0.1:{port}{path}", data=b"body", timeout=30).text


def rest(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(1 << 16), b""))


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"", b""),
        (b"GET /healthz HTTP/1.1\r\nX: ", b"x"),
        (HEAD % 9999, b"x"),
        (HEAD % (2 * HELD_BYTES), b"x"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999\r\n\r\n", b"x"),
    ],
    ids=["nothing", "head", "body", "large body", "chunks", "expect"],
)
def test_clients_that_drip_hold_up_nobody(port: int, begin: bytes, drop: bytes) -> None:
    with many(port, begin, drop):
        assert [ask(port) for _ in range(5)] == ["4"] * 5


def test_clients_that_do_not_take_their_answer_hold_up_nobody_and_get_all_of_it(port: int) -> None:
    with many(port, b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as clients:
        assert ask(port) == "4"
        assert [rest(client).partition(b"\r\n\r\n")[2] == LARGE for client in clients] == [True] * MANY


def test_clients_that_do_not_close_after_their_answer_hold_up_nobody(port: int) -> None:
    with many(port, b"GET / HTTP/1.0\r\n\r\n") as clients:
        assert [rest(client)[-1:] for client in clients] == [b"0"] * MANY
        assert ask(port) == "4"


def test_health_is_told_while_all_threads_are_at_work(port: int, tmp_path: Path) -> None:
    with many(port, b"GET /stuck?%s HTTP/1.1\r\nHost: x\r\n\r\n" % bytes(tmp_path / "end")):
        for path in ("/healthz", "/healthz/", "/healthz?x"):
            assert requests.head(f"http://127.0.0.1:{port}{path}", timeout=30).ok
        (tmp_path / "end").touch()


def test_requests_on_one_connection_are_answered_in_order(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"".join(HEAD % length + b"x" * length for length in (1, 22, 333)) + HEAD[:9])
        client.sendall((HEAD % 4)[9:] + b"x" * 4 + b"GET / HTTP/1.0\r\n\r\n")
        lengths = [part.partition(b"HTTP")[0] for part in rest(client).split(b"\r\n\r\n")[1:]]
    assert lengths == [b"1", b"22", b"333", b"4", b"0"]


@pytest.mark.parametrize("length", [0, 9, HELD_BYTES - 200, 4 * HELD_BYTES])
def test_a_body_of_any_size_arrives(port: int, length: int) -> None:
    with requests.Session() as session:
        for _ in range(2):
            answer = session.post(f"http://127.0.0.1:{port}/", data=b"x" * length, timeout=30)
            assert (answer.text, answer.headers["Connection"]) == (str(length), "keep-alive")
        assert session.post(f"http://127.0.0.1:{port}/", data=iter([b"x"] * 9), timeout=30).text == "9"


def test_a_head_without_carriage_returns_is_refused_at_once(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\n\n")
        assert rest(client).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("begin", "drop", "answer"),
    [
        (b"GET / HTTP/1.1\r\nX: ", b"", b""),
        (b"GET / HTTP/1.1\r\nX: ", b"x", b""),
        (HEAD % 9999, b"x", b""),
        (HEAD % (2 * HELD_BYTES), b"", b"HTTP/1.1 408 "),
        (HEAD % (2 * HELD_BYTES), b"x", b"HTTP/1.1 408 "),
    ],
)
def test_who_takes_too_long_is_given_up(strict: int, begin: bytes, drop: bytes, answer: bytes) -> None:
    stop = threading.Event()
    with socket.create_connection(("127.0.0.1", strict), timeout=60) as client:
        client.sendall(begin)

        def drip() -> None:
            while drop and not stop.wait(0.1):
                try:
                    client.sendall(drop)
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert client.recv(13) == answer
        except ConnectionResetError:
            assert not answer
        finally:
            stop.set()
            dripping.join()
