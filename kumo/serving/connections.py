"""Data of clients at their own pace: a request is collected until it is complete, an answer kept until it is read."""

import re
import socket
import time
from math import inf
from typing import Any, Final

from gunicorn.http.errors import NoMoreData
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

HELD_BYTES: Final = 256 << 10
"""The largest request that the poller holds: 125 MiB in all, with the largest number of connections."""
LONGEST_HEAD: Final = 64 << 10
CHUNK: Final = 64 << 10

SILENT_SECONDS: Final = 15.0
"""How long a request or an answer may take, plus a second for each `LEAST_RATE` bytes that were transferred."""
LEAST_RATE: Final = 16 << 10
LONGEST_SECONDS: Final = 600.0
"""The upper limit; 64 MiB, the largest upload, then need 110 KiB a second."""

_FRAMING: Final = re.compile(rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"content-length", re.IGNORECASE)


class TooSlowError(NoMoreData, TimeoutError):
    """A client sent too little in too much time; gunicorn closes its connection without a log line."""

    def __str__(self) -> str:
        """Return the message."""
        return "The rest of the request came too slowly."


def request_bytes(data: bytes | bytearray) -> float | None:
    """Return how many bytes the request has that begins with `data`; None while its head is incomplete.

    Infinite if only a reading thread can know: chunked, after `Expect`, or a request that gunicorn will refuse.
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
    """The progress of a transfer, and its remaining time."""

    def __init__(self, seconds: float | None = None) -> None:
        """Start now, with `SILENT_SECONDS` or another time without any required transfer."""
        self._began = time.monotonic()
        self._seconds = SILENT_SECONDS if seconds is None else seconds
        self.passed = 0

    def time_left(self) -> float:
        """Return how many seconds are left."""
        allowed = min(self._seconds + self.passed / LEAST_RATE, LONGEST_SECONDS)
        return self._began + allowed - time.monotonic()


class ClientSocket(socket.socket):
    """A socket whose `sendall` stores the data, to be sent when the client can read it."""

    def __init__(self, accepted: socket.socket) -> None:
        """Take over a socket."""
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.unsent = bytearray()

    def sendall(self, data: Any, flags: int = 0) -> None:  # noqa: ANN401, ARG002 - as socket has it
        """Store the data for `flush`."""
        self.unsent += data

    def flush(self) -> int:
        """Send as much as the client can read now; return the number of bytes."""
        self.settimeout(0)
        before = len(self.unsent)
        try:
            while self.unsent:
                del self.unsent[: self.send(self.unsent)]
        except BlockingIOError:
            pass
        return before - len(self.unsent)


class Reader(SocketUnreader):
    """Reads data that the poller has not collected, as long as it comes fast enough."""

    def __init__(self, sock: ClientSocket) -> None:
        """Read from a socket."""
        super().__init__(sock)
        self.pace = TransferPace()

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next piece; raise `TooSlowError`."""
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
    """A client's connection, with the collected part of its next request."""

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
        """Whether the current request was, or will be, collected completely."""
        return self.size is not None and self.size <= HELD_BYTES

    def collect(self) -> bool:
        """Read the available data; return False at the end of the connection."""
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
        """Whether a thread can continue with the collected part: a whole request, or the beginning of a large one."""
        if self.size is None:
            self.size = request_bytes(self.held)
        return self.size is not None and (self.size > HELD_BYTES or len(self.held) >= self.size)
