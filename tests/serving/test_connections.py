import socket
from collections.abc import Iterator
from math import inf

import pytest

from kumo.serving import connections
from kumo.serving.connections import HELD_BYTES, LONGEST_HEAD, ClientSocket, Reader, TooSlowError, request_bytes

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[ClientSocket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ClientSocket(ours) as kept, theirs:
        yield kept, theirs


@pytest.mark.parametrize("data", [b"", b"GET", b"GET / HTTP/1.1\r", b"GET / HTTP/1.1\r\nHost: x\r\n", GET[:-1]])
def test_the_size_of_a_request_is_not_known_before_its_head_is_complete(data: bytes) -> None:
    assert request_bytes(data) is None


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (GET, len(GET)),
        (GET + GET, len(GET)),
        (POST % b"Content-Length: 9", len(POST % b"Content-Length: 9") + 9),
        (POST % b"CONTENT-LENGTH:\t9" + b"{}", len(POST % b"CONTENT-LENGTH:\t9") + 9),
        (POST % b"X-Content-Length: 9", len(POST % b"X-Content-Length: 9")),
    ],
)
def test_the_size_of_a_request_is_that_of_its_head_and_its_body(data: bytes, size: int) -> None:
    assert request_bytes(data) == size


@pytest.mark.parametrize(
    "data",
    [
        POST % b"Transfer-Encoding: chunked",
        POST % b"Transfer-Encoding: chunked\r\nContent-Length: 9",
        POST % b"Content-Length: 9\r\nContent-Length: 9",
        POST % b"Content-Length: 9\r\nExpect: 100-continue",
        POST % b"Content-Length: -9",
        POST % b"Content-Length : 9, 9",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * LONGEST_HEAD,
    ],
)
def test_what_no_length_tells_is_left_to_a_thread(data: bytes) -> None:
    assert request_bytes(data) == inf


def test_a_body_of_any_length_has_a_size() -> None:
    assert (request_bytes(POST % b"Content-Length: 99999999999999999999999") or 0) > HELD_BYTES


def test_what_a_client_does_not_take_is_kept(ends: tuple[ClientSocket, socket.socket]) -> None:
    ours, theirs = ends
    sent = bytes(range(256)) * 40_000
    ours.sendall(sent[:5])
    ours.sendall(sent[5:])
    first = ours.flush()
    assert 0 < first < len(sent)
    received = bytearray()
    while len(received) < len(sent):
        received += theirs.recv(1 << 20)
        ours.flush()
    assert bytes(received) == sent
    assert not ours.unsent


def test_a_sender_of_drops_is_given_up(
    ends: tuple[ClientSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = ends
    monkeypatch.setattr(connections, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(connections, "LEAST_RATE", 1 << 40)
    reader = Reader(ours)

    def drip() -> None:
        while True:
            theirs.send(b"x")
            reader.read()

    with pytest.raises(TooSlowError):
        drip()


def test_each_byte_that_passes_buys_time_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LEAST_RATE", 10)
    pace = connections.TransferPace(seconds=0)
    assert pace.time_left() <= 0
    pace.passed = 5_000
    assert 0 < pace.time_left() <= 500
    pace.passed = 10**9
    assert pace.time_left() <= connections.LONGEST_SECONDS
