"""While Redis is away every worker fails every second: that is said in one line a minute, without a stack trace."""

import copy
import logging
import time
from collections.abc import Callable
from typing import Final, TextIO

from redis import exceptions

from kumo.errors import StoreUnavailableError

EVERY_SECONDS: Final = 60.0
# How Redis fails where it is away, full, or not the one that takes writes.
_OUTAGE: Final = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
)


class OutageHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr; of the records about an outage of Redis one a minute, as a line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Count seconds by this clock."""
        super().__init__()
        self._clock = clock
        self._next = -EVERY_SECONDS
        self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        failure = find_outage(record)
        if failure is None:
            super().emit(record)
        elif self._clock() < self._next:
            self._left_out += 1
        else:
            self._next = self._clock() + EVERY_SECONDS
            super().emit(self._shorten(record, failure))

    def _shorten(self, record: logging.LogRecord, failure: str) -> logging.LogRecord:
        """Return one line in place of a record; it says how many were left out before it."""
        line = copy.copy(record)
        left_out, self._left_out = self._left_out, 0
        more = f" {left_out} lines about it were left out." if left_out else ""
        line.msg, line.args = "Redis cannot be used (%s). This is said once a minute.%s", (failure, more)
        line.exc_info = line.exc_text = line.stack_info = None
        return line


def find_outage(record: logging.LogRecord) -> str | None:
    """Return which failure of Redis a record is about; None where it is about none."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, _OUTAGE):
        return f"{type(error).__name__}: {error}"
    # RQ has a line where it cannot reach Redis, with the error as an argument, and one where Redis is slow, without.
    if record.name.startswith("rq.") and "Redis" in str(record.msg):
        given = [value for value in record.args or () if isinstance(value, exceptions.RedisError)]
        return f"{type(given[0]).__name__}: {given[0]}" if given else "TimeoutError"
    return None


# How Redis says that it cannot serve now, though the request is right: full, a replica, loading, busy with a script; of
# a cluster, that a slot is on the move or that nobody holds it.
_PASSING: Final = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.AskError,
    exceptions.TryAgainError,
    exceptions.ClusterError,
)
_PASSING_ANSWERS: Final = (
    *("OOM ", "LOADING ", "BUSY ", "READONLY ", "MASTERDOWN ", "MISCONF ", "NOREPLICAS "),
    "RESTORING ",  # of our own scripts, while a restore fills the store
)


def unavailable(error: exceptions.RedisError) -> StoreUnavailableError | None:
    """Return what to tell a client where a failure of Redis passes by itself; None where it is a fault of ours."""
    if isinstance(error, _PASSING) or str(error).startswith(_PASSING_ANSWERS):
        return StoreUnavailableError(
            "The store cannot be reached or takes no writes now. What has an Idempotency-Key can safely be sent again."
        )
    return None
