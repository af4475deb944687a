"""Jobs as Kumo enqueues them, and nothing else: what a job's hash says decides what RQ imports, calls and sends."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from rq.exceptions import NoSuchJobError
from rq.job import Job

from kumo.jobs import ARGUMENTS, FAILURE_SECONDS, FUNCTIONS, timeout_of

# All that is read of a job. How long it may take and how long it is kept is ours to say, the rest RQ does not need.
_READ: Final = frozenset(
    (
        *(b"data", b"origin", b"status", b"worker_name"),
        *(b"created_at", b"enqueued_at", b"started_at", b"ended_at", b"last_heartbeat"),
    )
)
# What RQ would import and call, send, or run again, also where it clears away a job whose worker was killed.
_REFUSED: Final = (
    *(b"success_callback_name", b"failure_callback_name", b"stopped_callback_name"),
    *(b"webhooks", b"retries_left", b"repeats_left"),
)

_log = logging.getLogger(__name__)


class KnownJob(Job):
    """A job that runs only if Kumo could have enqueued it: one of its functions, with what that takes, and no more."""

    refused = ""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Read a job's hash; one that cannot be read counts as gone, or it would stop each worker that looks at it."""
        self.refused = ", ".join(name.decode() for name in _REFUSED if raw_data.get(name))
        try:
            super().restore({name: value for name, value in raw_data.items() if name in _READ})
        except ValueError as error:
            _log.warning("Job %r cannot be read and is left out: %.200r", self.id, error)
            raise NoSuchJobError(str(error)) from error
        self.timeout, self.result_ttl, self.failure_ttl = timeout_of(self.origin), 0, FAILURE_SECONDS

    def perform(self) -> Any:  # noqa: ANN401 - RQ's signature
        """Run the function; raises `ValueError` where the job is not one of ours."""
        if self.refused:
            raise ValueError(f"A job of Kumo's has no {self.refused}.")
        if FUNCTIONS.get(self.origin) != self.func_name:
            raise ValueError(f"{self.func_name!r:.80} is not a job of Kumo's in the queue {self.origin!r:.80}.")
        if [*map(type, self.args)] != ARGUMENTS[self.origin] or self.kwargs or self.instance:
            raise ValueError(f"{self.func_name} takes other arguments than {self.args!r:.80} {self.kwargs!r:.80}.")
        return super().perform()
