"""A server that accepts connections and never answers, like one behind a firewall that drops packets."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class SilentServer:
    """Counts the connections that are made to it."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"
        self._taking = Thread(target=self._take, daemon=True)
        self._taking.start()

    @property
    def connections(self) -> int:
        return len(self._held)

    def _take(self) -> None:
        while True:
            try:
                self._held.append(self._listening.accept()[0])
            except OSError:  # closed
                return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._taking.join()
        for each in (self._listening, *self._held):
            each.close()


@contextmanager
def silent_server() -> Iterator[SilentServer]:
    server = SilentServer()
    try:
        yield server
    finally:
        server.close()
