"""A client that costs little: requests made beforehand, sent over kept-alive connections by one loop."""

import json
import math
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

LONGEST_SECONDS: Final = 900.0
CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Load:
    """The result of a load: answers, their total seconds, and the seconds of each."""

    count: int
    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def p99(self) -> float:
        """In milliseconds."""
        return percentile(self.latencies, 0.99) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that at least a share of all are not above: the nearest rank."""
    return sorted(values)[max(math.ceil(len(values) * share) - 1, 0)]


def post(path: str, body: object, **headers: str) -> bytes:
    """Write a POST request of JSON."""
    content = json.dumps(body).encode()
    lines = ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return _request("POST", path, [*lines, *(f"{name}: {value}" for name, value in headers.items())]) + content


def get(path: str) -> bytes:
    """Write a GET request of a client that takes gzip, as browsers and `requests` do."""
    return _request("GET", path, ["Accept-Encoding: gzip"])


def _request(method: str, path: str, lines: Sequence[str]) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


@dataclass(slots=True)
class Line:
    """One connection with at most one request on its way."""

    port: int
    link: socket.socket = field(init=False)
    received: bytearray = field(default_factory=bytearray)
    complete: int = 0  # bytes of the answer that is coming, once its head is there
    closing: bool = False
    sent_at: float = 0.0

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        self.link = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.link.sendall(request)

    def receive(self) -> bool:
        """Read the available data; return whether the answer is complete."""
        chunk = self.link.recv(CHUNK)
        assert chunk, "the connection broke"
        self.received += chunk
        end = self.received.find(b"\r\n\r\n") if not self.complete else -1
        if end >= 0:
            fields = self.received[:end].lower()
            self.complete = end + 4 + int(fields.partition(b"content-length:")[2].partition(b"\r\n")[0])
            self.closing = b"connection: close" in fields
        if not self.complete or len(self.received) < self.complete:
            return False
        assert self.received[9:10] == b"2", bytes(self.received[:600])
        self.received.clear()
        self.complete = 0
        if self.closing:
            self.link.close()
            self.connect()
        return True

    def ask(self, request: bytes) -> float:
        """Send one request and wait for its answer; returns the seconds it took."""
        self.send(request)
        while not self.receive():
            pass
        return time.perf_counter() - self.sent_at


def closed(port: int, requests: Sequence[bytes], connections: int, seconds: float, least: int = 0) -> Load:
    """Keep each connection busy for some seconds, and until so many requests are answered."""
    ahead = cycle(requests)
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            line = Line(port)
            line.send(next(ahead))
            selector.register(line.link, selectors.EVENT_READ, line)
        begun = now = time.perf_counter()
        while (now < begun + seconds or len(latencies) < least) and now < begun + LONGEST_SECONDS:
            for key, _ in selector.select(30):
                line = key.data
                if not line.receive():
                    continue
                now = time.perf_counter()
                latencies.append(now - line.sent_at)
                if line.link is not key.fileobj:
                    selector.unregister(key.fileobj)
                    selector.register(line.link, selectors.EVENT_READ, line)
                line.send(next(ahead))
        _settle([key.data for key in selector.get_map().values()])
    return Load(len(latencies), now - begun, latencies)


def _settle(lines: Sequence[Line]) -> None:
    """Take the answers that are still on their way, so that nothing is at work when the next measurement begins."""
    for line in lines:
        while not line.receive():
            pass
        line.link.close()


def each(port: int, requests: Sequence[bytes]) -> Load:
    """Send requests one after the other."""
    line = Line(port)
    begun = time.perf_counter()
    latencies = [line.ask(request) for request in requests]
    seconds = time.perf_counter() - begun
    line.link.close()
    return Load(len(requests), seconds, latencies)


def paced(port: int, requests: Sequence[bytes], rate: float) -> None:
    """Send requests at a rate until this process is ended, or a quarter of an hour is over."""
    line = Line(port)
    begun = time.perf_counter()
    for number, request in enumerate(cycle(requests)):
        pause = begun + number / rate - time.perf_counter()
        if pause > 0:
            time.sleep(pause)
        if number / rate > LONGEST_SECONDS:
            return
        line.ask(request)
