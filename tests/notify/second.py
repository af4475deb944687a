"""A second kind of channel, as anyone would add one, and a receiver for it: a real HTTP server."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Final

from kumo.domain.alerts import Alert, Ambiguous, Answer, Outcome
from kumo.notify.http_post import NoReply, post, read_pause
from kumo.notify.registry import ChannelKind

DESTINATION: Final = "second"


class Receiver:
    """The requests of the server, and its answer: a status, or none until it is released."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.bodies: list[dict[str, Any]] = []
        self.going = Event()
        self.going.set()


class Second:
    """Posts the ids of alerts as JSON."""

    title = "Second"
    fingerprint = "second"
    ambiguous = Ambiguous.REPEAT

    def __init__(self, url: str, seconds: float = 5.0) -> None:
        self._url = url
        self._seconds = seconds

    def send(self, alerts: Sequence[Alert]) -> Answer:
        reply = post(self._url, {"alerts": [alert.id for alert in alerts]}, self._seconds)
        if isinstance(reply, NoReply):
            outcome = Outcome.AMBIGUOUS if reply.may_have_arrived else Outcome.REFUSED
            return Answer(outcome, f"Second {reply.why}.")
        answers = {200: Outcome.SENT, 429: Outcome.PAUSED, 410: Outcome.OFF}
        pause = read_pause(reply.retry_after, time.time()) if reply.status == 429 else 0.0
        return Answer(answers[reply.status], f"Second answered HTTP {reply.status}.", pause)


def kind(url: str) -> ChannelKind:
    """Return the row of the registry; a setting would hold the address."""
    return ChannelKind(DESTINATION, "KUMO_SECOND_URL", lambda _: Second(url))


@contextmanager
def receive() -> Iterator[Receiver]:
    """Run the server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.going.wait(30)
            receiver.bodies.append(body)
            self.send_response(receiver.status)
            self.send_header("Retry-After", "30")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}/")
        Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        receiver.going.set()
        server.shutdown()
