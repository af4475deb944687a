"""Only jobs as Kumo enqueues them: a job's hash decides what RQ imports, calls and sends, so it is not trusted."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from rq.exceptions import NoSuchJobError
from rq.job import Job

from kumo.jobs import ARGUMENTS, FAILURE_SECONDS, FUNCTIONS, timeout_of

# The only fields that are read. Kumo sets timeouts and times to live; RQ does not need the rest.
_READ: Final = frozenset(
    (
        *(b"data", b"origin", b"status", b"worker_name"),
        *(b"created_at", b"enqueued_at", b"started_at", b"ended_at", b"last_heartbeat"),
    )
)
# Fields by which RQ would import and call, send, or repeat something, also when it cleans up after a killed worker.
_REFUSED: Final = (
    *(b"success_callback_name", b"failure_callback_name", b"stopped_callback_name"),
    *(b"webhooks", b"retries_left", b"repeats_left"),
)

_log = logging.getLogger(__name__)


class KnownJob(Job):
    """A job that runs only if Kumo could have enqueued it: one of its functions with valid arguments."""

    refused = ""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Parse a job's hash; an unreadable one counts as gone, because it would stop each worker that reads it."""
        self.refused = ", ".join(name.decode() for name in _REFUSED if raw_data.get(name))
        try:
            super().restore({name: value for name, value in raw_data.items() if name in _READ})
        except ValueError as error:
            _log.warning("Job %r cannot be read and is skipped: %.200r", self.id, error)
            raise NoSuchJobError(str(error)) from error
        self.timeout, self.result_ttl, self.failure_ttl = timeout_of(self.origin), 0, FAILURE_SECONDS

    def perform(self) -> Any:  # noqa: ANN401 - RQ's signature
        """Run the function; raise `ValueError` if the job is not one of ours."""
        if self.refused:
            raise ValueError(f"A job of Kumo has no {self.refused}.")
        if FUNCTIONS.get(self.origin) != self.func_name:
            raise ValueError(f"{self.func_name!r:.80} is not a job of Kumo in the queue {self.origin!r:.80}.")
        if [*map(type, self.args)] != ARGUMENTS[self.origin] or self.kwargs or self.instance:
            raise ValueError(f"{self.func_name} takes other arguments than {self.args!r:.80} {self.kwargs!r:.80}.")
        return super().perform()
