"""gunicorn's worker with threads that never wait for a client, so that slow clients delay nobody else.

The poller collects a client's data until the request is complete. A thread then answers from memory, and
the poller sends the rest of the answer when the client can read it. Separate threads read bodies that are too large
to hold. `/healthz` has its own thread, so that it answers whatever the others do.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final

from gunicorn.workers.gthread import ThreadWorker

from kumo.serving.connections import CHUNK, Connection, TransferPace

UNSENT_BYTES: Final = 64 << 20
"""Largest unsent data of all clients of a process together."""

LINGER_SECONDS: Final = 2.0

_HEALTH: Final = re.compile(rb"(?:GET|HEAD) /healthz[ /?]")

Then = Callable[[Connection], None]
Step = Callable[[Connection], Then | None]


class WebWorker(ThreadWorker):
    """gunicorn's worker with threads that never wait for a client."""

    def init_process(self) -> None:
        """Prepare the threads, then serve."""
        self._readers = ThreadPoolExecutor(self.cfg.threads, "reader")
        self._health = ThreadPoolExecutor(1, "health")
        self._waiting: set[Connection] = set()
        self._next_look = 0.0
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; if there are too many, close the one that is idle for longest."""
        try:
            accepted, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections and self.keepalived_conns:
            self.keepalived_conns[0].timeout = 0.0
            self.murder_keepalived()
        self._rest(Connection(self.cfg, accepted, client, listener.getsockname()))

    def _rest(self, conn: Connection) -> None:
        """Wait until the next request of a connection begins."""
        conn.size = None
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def enqueue_req(self, conn: Connection) -> None:
        """Collect the next request, then give it to a thread."""
        self._pursue(conn, selectors.EVENT_READ, self._collect)

    def _pursue(self, conn: Connection, event: int, step: Step, seconds: float | None = None) -> None:
        """Run a step now, and again whenever the poller sees the event, until it returns the next action."""

        def go_on(_: object) -> None:
            if then := step(conn):
                self._leave(conn)
                then(conn)

        conn.pace = TransferPace(seconds)
        if then := step(conn):
            then(conn)
        else:
            self._waiting.add(conn)
            self.poller.register(conn.sock, event, go_on)

    def _leave(self, conn: Connection) -> None:
        self._waiting.remove(conn)
        self.poller.unregister(conn.sock)

    def _collect(self, conn: Connection) -> Then | None:
        goes_on = conn.collect()
        if conn.is_ready():
            return self._hand_on
        return None if goes_on else self._drop

    def _hand_on(self, conn: Connection) -> None:
        """Let a thread answer the collected request."""
        pool = self.tpool if conn.is_held else self._readers
        if _HEALTH.match(conn.held):
            pool = self._health
        conn.reader.unread(bytes(conn.held))
        conn.reader.pace = TransferPace()
        conn.held.clear()
        answered = pool.submit(self.handle, conn)
        answered.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle(self, conn: Connection) -> bool:
        """Answer a request, in a thread; return whether another one may follow."""
        follows = bool(super().handle(conn))
        try:
            conn.sock.flush()
        except OSError:  # the client is gone
            conn.sock.unsent.clear()
            return False
        return follows

    def _keepalive_after(self, conn: Connection, keepalive: object) -> bool:
        """Answer before waiting for the rest of a body that nobody reads."""
        conn.sock.flush()
        return bool(super()._keepalive_after(conn, keepalive))

    def finish_request(self, conn: Connection, answered: "Future[bool]") -> None:
        """Send the rest of an answer, then wait for the next request or close."""
        follows = not answered.cancelled() and answered.exception() is None and answered.result()
        then = self._follow if follows else self._end
        if not conn.sock.unsent:
            then(conn)
        elif sum(len(each.sock.unsent) for each in (*self._waiting, conn)) > UNSENT_BYTES:
            self._drop(conn)
        else:
            self._pursue(conn, selectors.EVENT_WRITE, partial(self._send, then))

    def _send(self, then: Then, conn: Connection) -> Then | None:
        try:
            conn.pace.passed += conn.sock.flush()
        except OSError:
            return self._drop
        return None if conn.sock.unsent else then

    def _follow(self, conn: Connection) -> None:
        """Wait for the next request, which may have begun already."""
        rest = conn.reader.take_buffered()
        self._rest(conn)
        if rest:
            conn.held += rest
            self.on_client_socket_readable(conn, conn.sock)

    def _end(self, conn: Connection) -> None:
        """Close after the client has: closing earlier would cut off the answer (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._pursue(conn, selectors.EVENT_READ, self._drain, LINGER_SECONDS)

    def _drain(self, conn: Connection) -> Then | None:
        conn.held.clear()
        return None if conn.collect() and conn.pace.passed < CHUNK else self._drop

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close clients that are too slow, with one check a second."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + 1
        for conn in [conn for conn in self._waiting if conn.pace.time_left() <= 0]:
            self._leave(conn)
            self._drop(conn)
