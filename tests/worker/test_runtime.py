"""Worker processes, real ones: they run our jobs alone, stop when asked, and outlive their Redis."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rq import Callback, Queue, Repeat, Retry
from rq.command import send_command
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.suspension import suspend
from rq.webhook import Webhook

from kumo import services as composition
from kumo import settings
from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from kumo.jobs import TIMEOUT_SECONDS
from kumo.services import Services
from kumo.store import embedded, feed
from tests.engine.detection.arrivals import START
from tests.stack import eventually, process
from worker.known import KnownJob

SERIES = Series("AWS EC2", "USD")


def services_at(url: str) -> Services:
    return composition.build(settings.load({"REDIS_URL": url}))


def send(services: Services, count: int, start: int = 0) -> None:
    numbers = range(start, start + count)
    ingest.ingest(services, [Entry(SERIES, 10**6 * n, START + n, external_id=str(n)) for n in numbers])


def judged(services: Services) -> bool:
    return sum(feed.backlog(services.store)) == 0


@pytest.fixture
def judge(redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    with process("judge", {"REDIS_URL": redis_url}) as running:
        yield running


def test_a_worker_judges_what_was_recorded(redis_url: str, judge: subprocess.Popen[bytes]) -> None:
    services = services_at(redis_url)
    send(services, 100)
    eventually(lambda: judged(services))
    assert judge.poll() is None


def test_a_job_that_is_not_ours_is_refused(redis_url: str, judge: subprocess.Popen[bytes], tmp_path: Path) -> None:
    services = services_at(redis_url)
    queue = Queue("judge", connection=services.jobs.broker, serializer=JSONSerializer)
    queue.enqueue("subprocess.check_call", args=(["touch", str(tmp_path / "owned")],), failure_ttl=60, result_ttl=0)
    eventually(lambda: queue.failed_job_registry.get_job_count(cleanup=False) == 1)
    assert list(tmp_path.iterdir()) == []
    assert judge.poll() is None


OWNED = "import pathlib, sys\npathlib.Path(__file__).with_suffix('.owned').touch()\ndef call(*_): pass\n"
CALLED = Callback("owned.call")


@pytest.fixture
def owned(redis_url: str, tmp_path: Path) -> Iterator[Path]:
    """Run a judge that could import a module of somebody's; gives the file that is there once it did."""
    (tmp_path / "owned.py").write_text(OWNED)
    with process("judge", {"REDIS_URL": redis_url, "PYTHONPATH": str(tmp_path)}):
        yield tmp_path / "owned.owned"


def judging(services: Services) -> Queue:
    return Queue("judge", connection=services.jobs.broker, serializer=JSONSerializer)


def test_what_rq_would_call_for_a_job_of_ours_is_refused(redis_url: str, owned: Path) -> None:
    services = services_at(redis_url)
    queue = judging(services)
    hook = Webhook("http://127.0.0.1:9/", "finished")
    strange: list[dict[str, Any]] = [{"on_success": CALLED}, {"on_failure": CALLED}, {"on_stopped": CALLED}]
    strange += [{"webhooks": [hook]}, {"retry": Retry(3)}, {"repeat": Repeat(3)}]
    for options in strange:
        queue.enqueue("worker.tasks.judge", 0, failure_ttl=600, **options)
    eventually(lambda: queue.failed_job_registry.get_job_count(cleanup=False) == len(strange))
    assert not owned.exists()
    assert queue.count == 0


def test_the_callback_of_a_job_whose_worker_was_killed_is_not_called(redis_url: str, owned: Path) -> None:
    services = services_at(redis_url)
    queue = judging(services)
    job = queue.create_job("worker.tasks.judge", (0,), on_failure=CALLED, status=JobStatus.STARTED)
    job.save()
    services.jobs.broker.zadd(queue.started_job_registry.key, {f"{job.id}:1": 1})
    eventually(lambda: queue.failed_job_registry.get_job_count(cleanup=False) == 1, 60)
    assert not owned.exists()


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        ("worker.tasks.judge", (), {}),
        ("worker.tasks.judge", ("0",), {}),
        ("worker.tasks.judge", (True,), {}),
        ("worker.tasks.judge", (0, 0), {}),
        ("worker.tasks.judge", (), {"partition": 0}),
        ("worker.tasks.notify", (), {}),
        (["worker.tasks.judge"], (0,), {}),
    ],
)
def test_a_job_with_other_arguments_or_of_another_queue_is_refused(
    redis_url: str, function: object, args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    queue = judging(services_at(redis_url))
    job = queue.create_job("worker.tasks.judge", (0,), timeout=10**9)
    job.data = JSONSerializer.dumps([function, None, args, kwargs])
    job.save()
    found = KnownJob.fetch(job.id, connection=queue.connection, serializer=JSONSerializer)
    assert found.timeout == TIMEOUT_SECONDS
    with pytest.raises(ValueError, match=r"arguments|not a job of Kumo"):
        found.perform()


def test_jobs_that_cannot_be_read_stop_no_worker(redis_url: str, judge: subprocess.Popen[bytes]) -> None:
    services = services_at(redis_url)
    broker, queue = services.jobs.broker, judging(services)
    for field in ("status", "created_at", "started_at"):
        job = queue.create_job("worker.tasks.judge", (0,))
        job.save()
        broker.hset(job.key, field, "nonsense")
        broker.rpush(queue.key, job.id)
    send(services, 10)
    eventually(lambda: judged(services))
    eventually(lambda: broker.llen(queue.intermediate_queue_key) == 0, 60)
    assert [int(broker.hget(name, "pid")) for name in broker.smembers("rq:workers")] == [judge.pid]


def test_commands_and_pauses_in_the_broker_stop_nobody(redis_url: str, judge: subprocess.Popen[bytes]) -> None:
    services = services_at(redis_url)
    broker = services.jobs.broker
    eventually(lambda: _idle(services))
    suspend(broker, ttl=3600)
    (name,) = broker.smembers("rq:workers")
    for command in ("shutdown", "kill-horse", "stop-job", "nonsense"):
        send_command(broker, name.decode().removeprefix("rq:worker:"), command, job_id="1")
    send(services, 10)
    eventually(lambda: judged(services))
    assert judge.poll() is None
    assert broker.smembers("rq:workers") == {name}


def test_sigterm_ends_an_idle_worker_at_once(judge: subprocess.Popen[bytes], redis_url: str) -> None:
    services = services_at(redis_url)
    eventually(lambda: _idle(services))
    judge.send_signal(signal.SIGTERM)
    assert judge.wait(20) == 0
    assert services.store.client.smembers("rq:workers") == set()


def _idle(services: Services) -> bool:
    return any(
        services.store.client.hget(key, "state") == b"idle" for key in services.store.client.smembers("rq:workers")
    )


def test_sigterm_under_load_finishes_the_slice_and_loses_nothing(
    judge: subprocess.Popen[bytes], redis_url: str
) -> None:
    services = services_at(redis_url)
    send(services, 10_000)
    eventually(lambda: feed.backlog(services.store)[services.store.partition(SERIES.id).number] < 10_000)
    judge.send_signal(signal.SIGTERM)
    assert judge.wait(20) == 0
    with process("judge", {"REDIS_URL": redis_url}):
        eventually(lambda: judged(services))


def test_a_worker_goes_on_after_its_redis_was_away() -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        with embedded.serve(folder) as url:
            services = services_at(url)
            worker = running.enter_context(process("judge", {"REDIS_URL": url}))
            send(services, 10)
            eventually(lambda: judged(services))
        with embedded.serve(folder):
            send(services, 10, start=10)
            eventually(lambda: judged(services))
            assert worker.poll() is None
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 0


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["judge", "notify"]])
def test_a_wrong_command_line_says_what_is_right(arguments: list[str]) -> None:
    found = subprocess.run([sys.executable, "-m", "worker", *arguments], capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "judge|notify" in found.stderr
