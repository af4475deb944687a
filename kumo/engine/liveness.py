"""The heartbeats of workers, by kind; a kind without heartbeats is reported.

The heartbeat comes from the thread that works, between two jobs and at each step of an import. So a worker that hangs
in a job sends none; a separate thread would not show this.
"""

from contextlib import suppress
from math import inf
from typing import Final

import redis

from kumo.domain.spans import in_words
from kumo.jobs import IMPORT, JUDGE, NOTIFY
from kumo.services import Services
from kumo.store import workers

KINDS: Final = {JUDGE: "judge", NOTIFY: "notifier", IMPORT: "importer"}
# An idle worker gives a sign every quarter of a minute. A job of a judge or notifier takes five seconds, 45 seconds
# if a destination hangs; an import gives a sign at each step.
SILENT_SECONDS: Final = 120.0


def record_heartbeat(services: Services, queue: str) -> None:
    """Send the heartbeat of a worker of a queue; do nothing while the store is away."""
    with suppress(redis.RedisError):
        workers.record_heartbeat(services.store, KINDS[queue])


def find_silences(services: Services) -> dict[str, float]:
    """Return the seconds since the last heartbeat of each kind of worker, infinity if there was none."""
    known = workers.heartbeat_ages(services.store)
    return {kind: known.get(kind, inf) for kind in KINDS.values()}


def describe_silent_workers(services: Services) -> list[str]:
    """Return a sentence for each kind of worker that is missing or hangs."""
    silences = find_silences(services)
    return [
        _describe(kind, silences[kind], f"run `python -m worker {queue}`")
        for queue, kind in KINDS.items()
        if silences[kind] > SILENT_SECONDS
    ]


def _describe(kind: str, seconds: float, cure: str) -> str:
    if seconds == inf:
        return f"No {kind} has ever run: {cure}."
    return f"No {kind} has sent a heartbeat for {in_words(seconds)}: {cure}, or check its log for where it hangs."
