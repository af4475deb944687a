"""What clients send and take, at their pace: collected until a request is complete, kept until an answer is taken."""

import re
import socket
import time
from math import inf
from typing import Any, Final

from gunicorn.http.errors import NoMoreData
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

HELD_BYTES: Final = 256 << 10
"""The largest request that the poller holds: with as many connections as a process takes, 125 MiB in all."""
LONGEST_HEAD: Final = 64 << 10
CHUNK: Final = 64 << 10

SILENT_SECONDS: Final = 15.0
"""How long a request or an answer may take, and a second more for each `LEAST_RATE` bytes that have gone through."""
LEAST_RATE: Final = 16 << 10
LONGEST_SECONDS: Final = 600.0
"""At most; 64 MiB, the largest upload, need 110 KiB a second then."""

_FRAMING: Final = re.compile(rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"content-length", re.IGNORECASE)


class TooSlowError(NoMoreData, TimeoutError):
    """A client sent too little in too much time; gunicorn closes its connection without a word in the log."""

    def __str__(self) -> str:
        """Say so."""
        return "The rest of the request came too slowly."


def request_bytes(data: bytes | bytearray) -> float | None:
    """Return how many bytes the request has with which these begin; None while its head is not complete.

    Infinite where only a thread that reads on can tell: in chunks, after `Expect`, or what gunicorn will refuse.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        malformed = data.count(b"\n") != data.count(b"\r\n")
        return inf if malformed or len(data) > LONGEST_HEAD else None
    framing = _FRAMING.findall(data, 0, end)
    if not framing:
        return end + 4
    name, value = framing[0]
    sized = len(framing) == 1 and _LENGTH.fullmatch(name) and value.isdigit()
    return end + 4 + float(value) if sized else inf


class TransferPace:
    """How far a transfer has come, and how long it may still take."""

    def __init__(self, seconds: float | None = None) -> None:
        """Begin now, with `SILENT_SECONDS` or another time in which nothing need pass."""
        self._began = time.monotonic()
        self._seconds = SILENT_SECONDS if seconds is None else seconds
        self.passed = 0

    def time_left(self) -> float:
        """Return how many seconds are left."""
        allowed = min(self._seconds + self.passed / LEAST_RATE, LONGEST_SECONDS)
        return self._began + allowed - time.monotonic()


class ClientSocket(socket.socket):
    """A socket on which `sendall` keeps what it is given, to be sent as far as the client takes it."""

    def __init__(self, accepted: socket.socket) -> None:
        """Take over a socket."""
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.unsent = bytearray()

    def sendall(self, data: Any, flags: int = 0) -> None:  # noqa: ANN401, ARG002 - as socket has it
        """Keep it for `flush`."""
        self.unsent += data

    def flush(self) -> int:
        """Send what the client takes now; returns how many bytes it took."""
        self.settimeout(0)
        before = len(self.unsent)
        try:
            while self.unsent:
                del self.unsent[: self.send(self.unsent)]
        except BlockingIOError:
            pass
        return before - len(self.unsent)


class Reader(SocketUnreader):
    """Reads what the poller has not collected, as long as it comes fast enough."""

    def __init__(self, sock: ClientSocket) -> None:
        """Read from a socket."""
        super().__init__(sock)
        self.pace = TransferPace()

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next piece; raises `TooSlowError`."""
        left = self.pace.time_left()
        if left <= 0:
            raise TooSlowError
        self.sock.settimeout(min(left, SILENT_SECONDS))
        try:
            data: bytes = super().chunk(size_hint)
        except TimeoutError:
            raise TooSlowError from None
        self.pace.passed += len(data)
        return data


class Connection(TConn):
    """A client's connection, with what it has sent of its next request."""

    def __init__(self, cfg: Any, accepted: socket.socket, client: Any, server: Any) -> None:  # noqa: ANN401
        """Take over an accepted socket."""
        super().__init__(cfg, ClientSocket(accepted), client, server)
        self.init()
        self.sock.settimeout(0)
        self.reader = self.parser.unreader = Reader(self.sock)
        self.held = bytearray()
        self.size: float | None = None
        self.pace = TransferPace()

    @property
    def is_held(self) -> bool:
        """Whether the request at hand was, or will be, collected as a whole."""
        return self.size is not None and self.size <= HELD_BYTES

    def collect(self) -> bool:
        """Read what is there; returns False where that is the end of the connection."""
        try:
            data = self.sock.recv(CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.held += data
        self.pace.passed += len(data)
        return bool(data)

    def is_ready(self) -> bool:
        """Whether a thread can go on with what is held: all of a request, or the beginning of a large one."""
        if self.size is None:
            self.size = request_bytes(self.held)
        return self.size is not None and (self.size > HELD_BYTES or len(self.held) >= self.size)
