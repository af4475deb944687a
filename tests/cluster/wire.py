"""A wire to a server that can carry a command there and lose its answer."""

import socket
import threading
from contextlib import suppress


class Wire:
    """A TCP proxy in front of a server, which can carry a command there and lose its answer."""

    def __init__(self, port: int) -> None:
        self.losing = b""
        """The next thing sent that holds these bytes is carried on, and its answer is lost."""
        self.lost = 0
        self.seen = 0
        """How often those bytes went by, lost answers included."""
        self._watched = b""
        self.target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def lose(self, text: bytes) -> None:
        """Lose the answer to the next message that contains this text."""
        self.losing = self._watched = text
        self.seen = 0

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                cut = threading.Event()
                threading.Thread(target=self._carry_there, args=(near, far, cut), daemon=True).start()
                threading.Thread(target=self._carry_back, args=(near, far, cut), daemon=True).start()

    def _carry_there(self, near: socket.socket, far: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while found := near.recv(1 << 20):
                if self._watched and self._watched in found:
                    self.seen += 1
                if self.losing and self.losing in found:
                    self.losing = b""
                    self.lost += 1
                    cut.set()
                far.sendall(found)
        far.close()

    def _carry_back(self, near: socket.socket, far: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while found := far.recv(1 << 20):
                if cut.is_set():
                    break
                near.sendall(found)
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
