"""The gunicorn configuration; gunicorn reads the module's names (`-c python:kumo.serving`).

No preload: each web process makes its own connections after the fork.
"""

import gc
from typing import Any, Final

from gunicorn.glogging import Logger

from kumo import logs
from kumo.settings import load


class ServerLog(Logger):
    """Gunicorn's own log, in lines like all others: it tells of requests that it refuses by itself."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Write as the rest of the process does."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.LineFormatter())


_settings: Final = load()
_host: Final = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind: Final = f"{_host}:{_settings.port}"
workers: Final = _settings.web_concurrency
worker_class: Final = "kumo.serving.webworker.WebWorker"
threads: Final = 8
# Each holds a file open, and a process may have 1,024.
worker_connections: Final = 500
# Longer than proxies keep an idle connection (nginx and AWS 60 s): else one is closed just as they send on it.
keepalive: Final = 75
timeout: Final = 30
# Less than the 20 s that a platform gives a process between SIGTERM and SIGKILL.
graceful_timeout: Final = 15
accesslog: Final = None
errorlog: Final = "-"
logger_class: Final = ServerLog
# Its socket has one fixed place in the home folder, which two services of one user would share.
control_socket_disable: Final = True
# Four filters of 200 letters each fit, also where each letter takes nine characters in an address.
limit_request_line: Final = 8190


def post_worker_init(worker: Any) -> None:  # noqa: ANN401, ARG001
    """Take what is loaded for good out of the garbage collector's sight: looking through it takes 20 ms each time."""
    gc.collect()
    gc.freeze()
