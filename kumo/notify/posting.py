"""Post JSON to an address that is a secret, once, and come back in time whatever answers.

What the caller must know of a post that failed is whether anything may have arrived. The kind of
exception does not tell (a TLS error can come before or after the message), so each post watches its
own connection: until that stands, nothing was sent; from then on, anything may have been.
"""

import logging
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Timer
from typing import Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from kumo import __version__

MAX_BODY: Final = 4096


def _no_addresses(_: logging.LogRecord) -> bool:
    """Keep every record back: they quote the path, which is the secret, some even as warnings."""
    return False


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_no_addresses)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the start of the body, and the Retry-After header or nothing."""

    status: int
    body: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class NoReply:
    """Nothing came back: whether the message may have arrived all the same, and what went wrong."""

    may_have_arrived: bool
    why: str


class _Line:
    """The connection of one post: it knows whether it ever stood, and can be cut."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.late = False

    def note_open(self, connected: socket.socket) -> None:
        """Note that the connection stands, TLS included; TimeoutError where it is too late."""
        self.socket = connected
        if self.late:
            self.socket = None
            raise TimeoutError

    def cut(self) -> None:
        """End the post from another thread: whoever reads or writes gets an error at once.

        A timeout alone does not do: it starts anew with each byte of an answer that drips.
        """
        self.late = True
        if self.socket is not None:
            with suppress(OSError):
                # Not SSLSocket's own, which takes the TLS layer from under the reading thread.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """An adapter whose connections report to the line."""

    def __init__(self, line: _Line) -> None:
        self.line = line
        super().__init__()

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,  # noqa: FBT001 - as the base class has it
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> HTTPConnectionPool:
        """Return the pool for the request, with connections of our own."""
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        assert isinstance(pool, HTTPConnectionPool)
        pool.ConnectionCls = _connections(self.line)[pool.scheme or ""]
        return pool


def _connections(line: _Line) -> dict[str, type[HTTPConnection]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            line.note_open(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            line.note_open(self.sock)

    return {"http": Plain, "https": Secure}


def post(url: str, payload: Mapping[str, object], timeout: float) -> Reply | NoReply:
    """Post the payload as JSON; raise nothing for trouble on the way.

    Takes about `timeout` seconds at most once the host's name is resolved, or that for each of its
    addresses where none answers. Follows no redirect and heeds no proxy or `.netrc`. A connection
    serves one post: one kept open may be closed by the other side just as it is used again, which
    would leave open whether the message arrived.
    """
    line = _Line()
    timer = Timer(timeout, line.cut)
    timer.daemon = True
    timer.start()
    try:
        return _exchange(url, payload, timeout, line)
    # What requests raises is an OSError. The others it lets through, for headers that no server
    # should send.
    except (OSError, HTTPError, ValueError) as error:
        return NoReply(may_have_arrived=line.socket is not None, why=_why(error, line))
    finally:
        timer.cancel()
        timer.join()


def _exchange(url: str, payload: Mapping[str, object], timeout: float, line: _Line) -> Reply:
    # A Session would read the whole body of a redirect, however long, even if it may not follow it.
    agent = {"User-Agent": f"kumo/{__version__}"}
    request = requests.Request("POST", url, headers=agent, json=payload).prepare()
    with (
        closing(_Adapter(line)) as adapter,
        adapter.send(request, stream=True, timeout=timeout) as response,
    ):
        retry_after = response.headers.get("Retry-After", "")
        return Reply(response.status_code, _start(response), retry_after)


def _start(response: requests.Response) -> str:
    """Read the start of the body; none where it breaks off, since the status says enough."""
    try:
        start: bytes = response.raw.read(MAX_BODY)
    except (HTTPError, OSError):
        return ""
    return start.decode("utf-8", errors="replace")


def _why(error: Exception, line: _Line) -> str:
    """Say what went wrong in words of our own: those of the exception quote the address."""
    late = line.late or isinstance(error, requests.Timeout)
    if line.socket is not None:
        return "did not answer in time" if late else "broke off without an answer"
    if isinstance(error, requests.exceptions.SSLError):
        return "could not be trusted, or did not speak TLS"
    return "took no connection in time" if late else "could not be reached"
