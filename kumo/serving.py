"""The gunicorn configuration; gunicorn reads the module's names (`-c python:kumo.serving`).

No preload: each web process makes its own connections after the fork.
"""

import gc
import socket
import struct
from typing import Any, Final

from kumo.settings import load

_settings: Final = load()
_host: Final = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind: Final = f"{_host}:{_settings.port}"
workers: Final = _settings.web_concurrency
worker_class: Final = "gthread"
threads: Final = 8
# Longer than a browser or a load balancer waits between two requests as a rule.
keepalive: Final = 30
timeout: Final = 30
# Less than the 20 s that a platform gives a process between SIGTERM and SIGKILL.
graceful_timeout: Final = 15
accesslog: Final = None
errorlog: Final = "-"
# Its socket has one fixed place in the home folder, which two services of one user would share.
control_socket_disable: Final = True
# Four filters of 200 letters each fit, also where each letter takes nine characters in an address.
limit_request_line: Final = 8190

# A sender that falls silent in the middle of a request is given up after this many seconds; gunicorn would wait for
# ever, and hold one of its threads meanwhile. What it accepts inherits the limit from the socket that listens.
RECEIVE_SECONDS: Final = 15


def when_ready(server: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Limit how long a connection may be silent in the middle of a request."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", RECEIVE_SECONDS, 0))


def post_worker_init(worker: Any) -> None:  # noqa: ANN401, ARG001
    """Take what is loaded for good out of the garbage collector's sight: looking through it takes 20 ms each time."""
    gc.collect()
    gc.freeze()
