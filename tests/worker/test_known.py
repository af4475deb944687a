"""Jobs as Kumo enqueues them, read from their hashes without a server."""

from typing import Any

import pytest
from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from kumo.jobs import FAILURE_SECONDS, TIMEOUT_SECONDS
from worker.known import KnownJob

NOWHERE = Redis(port=1)  # which connects to nothing until it is asked something


def stored(function: object = "worker.tasks.judge", args: object = (0,), **fields: bytes) -> dict[bytes, bytes]:
    """Return the hash of a job, as RQ writes it."""
    job = Job.create("x", connection=NOWHERE, serializer=JSONSerializer, origin="judge", status="queued")
    row = {name.encode(): value for name, value in job.to_dict().items()}
    row |= {name: value if isinstance(value, bytes) else str(value).encode() for name, value in row.items()}
    row[b"data"] = JSONSerializer.dumps([function, None, args, {}])
    return row | {name.encode(): value for name, value in fields.items()}


def restored(row: dict[bytes, bytes]) -> KnownJob:
    job = KnownJob("id", connection=NOWHERE, serializer=JSONSerializer)
    job.restore(row)
    return job


@pytest.mark.parametrize("field", ["timeout", "result_ttl", "failure_ttl", "ttl"])
def test_how_long_a_job_may_take_and_is_kept_is_ours_to_say(field: str) -> None:
    job = restored(stored(**{field: b"1000000000"}))
    assert (job.timeout, job.result_ttl, job.failure_ttl, job.ttl) == (TIMEOUT_SECONDS, 0, FAILURE_SECONDS, None)


@pytest.mark.parametrize(
    "field",
    [
        *("success_callback_name", "failure_callback_name", "stopped_callback_name"),
        *("webhooks", "retries_left", "repeats_left"),
    ],
)
def test_what_rq_would_call_send_or_repeat_is_refused_by_name(field: str) -> None:
    assert restored(stored()).refused == restored(stored(**{field: b""})).refused == ""
    job = restored(stored(**{field: b"1"}))
    with pytest.raises(ValueError, match=f"A job of Kumo has no {field}"):
        job.perform()


@pytest.mark.parametrize("field", ["created_at", "status", "started_at"])
def test_a_job_that_cannot_be_read_counts_as_gone(field: str) -> None:
    with pytest.raises(NoSuchJobError):
        restored(stored(**{field: b"nonsense"}))


@pytest.mark.parametrize(
    ("function", "args", "origin"),
    [
        ("worker.tasks.judge", (0,), b"import"),
        ("worker.tasks.judge", (0,), b"nowhere"),
        ("worker.tasks.notify", (), b"judge"),
        ("os.system", ("true",), b"judge"),
        ("worker.tasks.judge", (True,), b"judge"),
        ("worker.tasks.judge", ("0",), b"judge"),
        ("worker.tasks.judge", (), b"judge"),
        ("worker.tasks.judge", (0, 0), b"judge"),
    ],
)
def test_a_job_that_kumo_could_not_have_enqueued_is_not_run(function: str, args: Any, origin: bytes) -> None:  # noqa: ANN401 - as JSON may be
    with pytest.raises(ValueError, match=r"is not a job of Kumo|takes other arguments"):
        restored(stored(function, args, origin=origin)).perform()
