"""The gunicorn configuration; gunicorn reads the module's names (`-c python:kumo.serving`).

No preload: each web process makes its own connections after the fork.
"""

import gc
from typing import Any, Final

from gunicorn.glogging import Logger

from kumo import logs
from kumo.settings import load


class ServerLog(Logger):
    """Gunicorn's own log, in the common format: it logs requests that gunicorn itself refuses."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Write in the format of the rest of the process."""
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
# Longer than proxies keep an idle connection (nginx and AWS 60 s): otherwise one is closed just as they use it.
keepalive: Final = 75
timeout: Final = 30
# Less than the 20 s that a platform gives a process between SIGTERM and SIGKILL.
graceful_timeout: Final = 15
accesslog: Final = None
errorlog: Final = "-"
logger_class: Final = ServerLog
# Its socket has one fixed place in the home folder, which two services of one user would share.
control_socket_disable: Final = True
# Four filters of 200 letters each fit, even if each letter takes nine characters in an address.
limit_request_line: Final = 8190


def post_worker_init(worker: Any) -> None:  # noqa: ANN401, ARG001
    """Exclude loaded objects from the garbage collector: scanning them takes 20 ms each time."""
    gc.collect()
    gc.freeze()
