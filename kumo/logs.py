"""The format of log lines, the same in every process: time in UTC, level, logger, request id if any, message.

    2026-11-26T22:01:23.456Z WARNING kumo.api.problems [3f1c2e805d0b4a77]: GET /costs/: ConnectionError

Text from a client cannot fake a line: control characters are escaped, and the lines of a traceback are indented.
While Redis is away every worker fails every second; the log reports it once a minute, without a traceback.
"""

import copy
import logging
import time
from collections.abc import Callable
from typing import Final, TextIO

from redis import exceptions

INDENT: Final = "    "
# The audit log is written at any level.
AUDIT: Final = "kumo.audit"
EVERY_SECONDS: Final = 60.0
# Errors of a Redis that is away, full, or a replica.
_OUTAGE: Final = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
)


def configure(level: str, find_request: Callable[[], str] = str) -> None:
    """Write log lines from this level on to stderr, unless the process has configured logging already.

    An outage of Redis gives one line a minute.

    `find_request` returns the id of the current request, or an empty text.
    """
    handler = OutageHandler()
    handler.setFormatter(LineFormatter(find_request))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger(AUDIT).setLevel(logging.INFO)


class LineFormatter(logging.Formatter):
    """Writes a record as one line, with its traceback as indented lines below."""

    converter = time.gmtime  # type: ignore[assignment]  # as the standard library documents it
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, find_request: Callable[[], str] = str) -> None:
        """Keep the function that finds the request id."""
        super().__init__()
        self._find_request = find_request

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record."""
        request = self._find_request()
        name = f"{record.name} [{request}]" if request else record.name
        line = f"{self.formatTime(record)} {record.levelname} {name}: {record.getMessage()}"
        trace = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")
        below = [part for text in (trace, record.stack_info) if text for part in text.split("\n")]
        return "\n".join([escape(line), *(INDENT + escape(part) for part in below)])


def escape(text: str) -> str:
    r"""Return a text with a code such as \x1b or \u2028 instead of each invisible character."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class OutageHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr; records about an outage of Redis become one line a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Use this clock, in seconds."""
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
        """Return one line instead of a record, with the number of lines left out before it."""
        line = copy.copy(record)
        left_out, self._left_out = self._left_out, 0
        more = f" {left_out} lines about it were left out." if left_out else ""
        line.msg, line.args = "Redis cannot be used (%s). This line appears once a minute.%s", (failure, more)
        line.exc_info = line.exc_text = line.stack_info = None
        return line


def find_outage(record: logging.LogRecord) -> str | None:
    """Return the failure of Redis that a record is about, or None."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, _OUTAGE):
        return f"{type(error).__name__}: {error}"
    # RQ logs one line with the error as an argument if it cannot reach Redis, and one without it if Redis is slow.
    if record.name.startswith("rq.") and "Redis" in str(record.msg):
        given = [value for value in record.args or () if isinstance(value, exceptions.RedisError)]
        return f"{type(given[0]).__name__}: {given[0]}" if given else "TimeoutError"
    return None
