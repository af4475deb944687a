"""A Slack on this machine: a real HTTP server that answers, refuses and breaks as Slack does.

`python -m tests.fakes.slack` prints every message it gets, to try Kumo out without a workspace.
"""

import json
import os
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Final, Self

import click

from tests.fakes.slack_rules import find_fault

WEBHOOKS: Final = "/services/"
PATH: Final = WEBHOOKS + "T00000000/B00000000/thisIsTheSecretPart000000"
PATIENCE: Final = 10.0

# As in docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, with the status of
# api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks if that names one.
REFUSALS: Final = {
    "invalid_payload": 400,
    "no_text": 400,
    "too_many_attachments": 400,
    "invalid_blocks": 400,
    "user_not_found": 400,
    "no_team": 400,
    "no_service_id": 400,
    "action_prohibited": 403,
    "posting_to_general_channel_denied": 403,
    "invalid_token": 403,
    "team_disabled": 403,
    "channel_not_found": 404,
    "no_service": 404,
    "no_active_hooks": 404,
    "channel_is_archived": 410,
    "rollup_error": 500,
}


@dataclass(frozen=True)
class Play:
    """How one request is answered.

    `accepts`: whether the message appears in the channel, if it is valid. `breaks`: instead of
    answering, "reset" drops the connection, "hang" sends nothing, and "drip" or "drip body" send the
    answer (or its body) a byte at a time, all until released.
    """

    status: int = 200
    body: str = "ok"
    headers: tuple[tuple[str, str], ...] = ()
    accepts: bool = True
    breaks: str = ""


OK: Final = Play()
BROKEN_AFTER_ACCEPTING: Final = Play(500, "rollup_error")
RESET_AFTER_ACCEPTING: Final = Play(breaks="reset")
HANG: Final = Play(breaks="hang", accepts=False)
DRIP: Final = Play(breaks="drip", accepts=False)
DRIP_BODY: Final = Play(breaks="drip body", body="x" * 3000, accepts=False)


def refusal(code: str) -> Play:
    """Answer with one of Slack's own errors."""
    return Play(REFUSALS[code], code, accepts=False)


def rate_limit(retry_after: str | None = "30") -> Play:
    """Answer that there were too many messages."""
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    body = json.dumps({"ok": False, "count_minute_ago": 100, "count_second_ago": 5})
    return Play(429, body, headers, accepts=False)


@dataclass(frozen=True)
class Message:
    """A message that appeared in the channel, and when by the monotonic clock."""

    payload: dict[str, Any]
    at: float

    @property
    def text(self) -> str:
        return str(self.payload.get("text", ""))


@dataclass(frozen=True)
class Request:
    """Anything that was sent, accepted or not."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class FakeSlack:
    """Slack between `with FakeSlack() as slack:` and its end; `port` 0 takes a free one."""

    def __init__(self, port: int = 0, tell: Callable[[Message], None] | None = None) -> None:
        self.messages: list[Message] = []
        self.requests: list[Request] = []
        self.default = OK
        self._tell = tell
        self._next: deque[Play] = deque()
        self._changed = threading.Condition()
        self.released = threading.Event()
        handler = type("Handler", (_Handler,), {"slack": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = False  # so that closing waits for the last answer
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, *plays: Play, default: Play | None = None) -> None:
        """Answer the next requests so, in order; and all others so, if a default is given."""
        with self._changed:
            self._next.extend(plays)
            self.default = default or self.default

    def release(self) -> None:
        """Release every request that hangs or drips, now and from now on."""
        self.released.set()

    def wait_for(self, count: int, timeout: float = PATIENCE) -> list[Message]:
        """Return the messages as soon as there are enough; raise TimeoutError if there are not."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.messages) >= count, timeout):
                raise TimeoutError(f"{len(self.messages)} messages, not {count}, in {timeout} s")
            return list(self.messages)

    def take(self, request: Request) -> Play:
        """Record a request, and the message if it is accepted, and return how to answer."""
        fault = find_fault(request.body) if request.path.startswith(WEBHOOKS) else "no_service"
        with self._changed:
            play = self._next.popleft() if self._next else self.default
            self.requests.append(request)
            if play.accepts and fault:
                play = refusal(fault)
            if play.accepts:
                self.messages.append(Message(json.loads(request.body), request.at))
                self._changed.notify_all()
        if play.accepts and self._tell:
            self._tell(self.messages[-1])
        return play


class _Handler(BaseHTTPRequestHandler):
    slack: ClassVar[FakeSlack]
    server_version = "Apache"
    timeout = PATIENCE  # for a client that connects and sends nothing

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.path, dict(self.headers.items()), body, time.monotonic())
        play = self.slack.take(request)
        {"reset": self._reset, "hang": self._hang}.get(play.breaks, lambda: self._say(play))()

    def _say(self, play: Play) -> None:
        # Slack's own answers are text/html, errors included.
        headers = {"Content-Type": "text/html", "Content-Length": str(len(play.body.encode()))}
        lines = [f"HTTP/1.0 {play.status} {_phrase(play.status)}"]
        lines += [f"{name}: {value}" for name, value in (*headers.items(), *play.headers)]
        head, body = "\r\n".join([*lines, "", ""]).encode("latin-1"), play.body.encode()
        slow = {"drip": head + body, "drip body": body}.get(play.breaks, b"")
        try:
            self.wfile.write((head + body).removesuffix(slow) if slow else head + body)
            for byte in slow:
                if self.slack.released.wait(0.05):
                    break
                self.wfile.write(bytes([byte]))
        except OSError:
            pass  # The other side has had enough, as it should.

    def _hang(self) -> None:
        self.slack.released.wait()

    def _reset(self) -> None:
        """Close so that the other side gets a RST instead of an orderly end."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class
        """Log nothing: the requests are recorded."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@click.command()
@click.option("--port", default=0, help="Port to listen on; 0: a free one.")
def main(port: int) -> None:
    """Take alerts as Slack would, and print them."""

    def tell(message: Message) -> None:
        click.echo(f"{message.text}\n{json.dumps(message.payload, indent=1, ensure_ascii=False)}\n")

    with FakeSlack(port, tell) as slack:
        click.echo(f"SLACK_WEBHOOK_URL={slack.url}\nCtrl-C ends.\n")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("Good-bye.")


if __name__ == "__main__":
    main()
