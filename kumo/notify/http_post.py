"""Post JSON to a secret address, once, within a time limit.

After a failed post the caller must know whether the message may have arrived. The kind of
exception does not show it (a TLS error can come before or after the message). So each post watches its
own connection: before it is open, nothing was sent; after that, anything may have been.
"""

import logging
import re
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from kumo import __version__

MAX_BODY: Final = 4096
DEFAULT_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 3600.0


def _no_addresses(_: logging.LogRecord) -> bool:
    """Drop every record: they quote the path, which is the secret, some even as warnings."""
    return False


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_no_addresses)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: the status, the start of the body, and the Retry-After header or an empty text."""

    status: int
    body: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class NoReply:
    """No reply: whether the message may have arrived anyway, and what went wrong."""

    may_have_arrived: bool
    why: str


class _Line:
    """The connection of one post. It knows whether it was ever open, and can be cut."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.late = False

    def note_open(self, connected: socket.socket) -> None:
        """Note that the connection is open, TLS included; raise TimeoutError if it is too late."""
        self.socket = connected
        if self.late:
            self.socket = None
            raise TimeoutError

    def cut(self) -> None:
        """End the post from another thread: a blocked read or write fails at once.

        A timeout alone is not enough: it starts again with each byte of a slow answer.
        """
        self.late = True
        if self.socket is not None:
            with suppress(OSError):
                # Not SSLSocket.shutdown, which removes the TLS layer under the reading thread.
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
        """Return the pool for the request, with our own connections."""
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
    """Post the payload as JSON; raise nothing for network errors.

    Takes at most about `timeout` seconds after the host's name is resolved, or that long for each of its
    addresses if none answers. Follows no redirect and ignores proxies and `.netrc`. Each post has its own
    connection: the other side may close a kept connection just as it is used again, and then
    nobody knows whether the message arrived.
    """
    line = _Line()
    timer = Timer(timeout, line.cut)
    timer.daemon = True
    timer.start()
    try:
        return _exchange(url, payload, timeout, line)
    # requests raises OSErrors. It lets the others through, for headers that no server
    # should send.
    except (OSError, HTTPError, ValueError) as error:
        return NoReply(may_have_arrived=line.socket is not None, why=_why(error, line))
    finally:
        timer.cancel()
        timer.join()


def _exchange(url: str, payload: Mapping[str, object], timeout: float, line: _Line) -> Reply:
    # A Session would read the whole body of a redirect, even if it may not follow it.
    agent = {"User-Agent": f"kumo/{__version__}"}
    request = requests.Request("POST", url, headers=agent, json=payload).prepare()
    with (
        closing(_Adapter(line)) as adapter,
        adapter.send(request, stream=True, timeout=timeout) as response,
    ):
        retry_after = response.headers.get("Retry-After", "")
        return Reply(response.status_code, _start(response), retry_after)


def _start(response: requests.Response) -> str:
    """Read the start of the body; return empty text if it breaks off, because the status is enough."""
    try:
        start: bytes = response.raw.read(MAX_BODY)
    except (HTTPError, OSError):
        return ""
    return start.decode("utf-8", errors="replace")


def _why(error: Exception, line: _Line) -> str:
    """Describe the fault in our own words: the text of the exception quotes the address."""
    late = line.late or isinstance(error, requests.Timeout)
    if line.socket is not None:
        return "did not answer in time" if late else "closed the connection without an answer"
    if isinstance(error, requests.exceptions.SSLError):
        return "has no trusted certificate, or does not speak TLS"
    return "accepted no connection in time" if late else "could not be reached"


def read_pause(retry_after: str, now: float) -> float:
    """Return the seconds to wait from a Retry-After header, a number or a date: one second to one hour.

    `now` is in seconds since 1970.
    """
    if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        seconds = float(retry_after)
    else:
        try:
            date = parsedate_to_datetime(retry_after)
            # A date with the zone "-0000" has none, and means UTC.
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, OverflowError):
            seconds = DEFAULT_PAUSE
    return min(max(seconds, 1.0), LONGEST_PAUSE)
