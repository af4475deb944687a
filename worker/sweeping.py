"""The thread of each worker process that sweeps every few seconds."""

import logging
import threading
from typing import Final

import redis

from kumo.engine import sweep
from kumo.services import Services

EVERY_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


def start(services: Services) -> None:
    """Start a thread that sweeps every few seconds and ends with the process."""
    threading.Thread(target=_forever, args=(services,), name="sweep", daemon=True).start()


def _forever(services: Services) -> None:
    pause = threading.Event()
    while True:
        try:
            sweep.take_turn(services)
        except redis.RedisError as error:
            _log.info("The sweep found no Redis (%s).", type(error).__name__, exc_info=error)
        except Exception:  # noqa: BLE001 - lost work would stay lost if the thread ended
            _log.exception("The sweep failed.")
        pause.wait(EVERY_SECONDS)
