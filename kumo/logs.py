"""How log lines look, the same in every process: time in UTC, level, logger, the request if there is one, message.

    2026-11-26T22:01:23.456Z WARNING kumo.api.problems [3f1c2e805d0b4a77]: GET /costs/: ConnectionError

What a sender may have made up cannot pass for a line of its own: control characters are escaped, and the lines of a
traceback are indented.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from kumo.outages import OutageHandler

INDENT: Final = "    "
# Who wrote what is kept whatever the level.
AUDIT: Final = "kumo.audit"


def configure(level: str, find_request: Callable[[], str] = str) -> None:
    """Write log lines to stderr from this level on, unless the process has other plans for them already.

    What fails because Redis is away is one line a minute.

    `find_request` returns the id of the request that is being answered, or an empty text.
    """
    handler = OutageHandler()
    handler.setFormatter(LineFormatter(find_request))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger(AUDIT).setLevel(logging.INFO)


class LineFormatter(logging.Formatter):
    """Writes a record as a line, and its traceback as indented lines below."""

    converter = time.gmtime  # type: ignore[assignment]  # as the standard library documents it
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, find_request: Callable[[], str] = str) -> None:
        """Keep how to find the request."""
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
    r"""Return a text with a code such as \x1b or \u2028 in place of each character that cannot be seen."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
